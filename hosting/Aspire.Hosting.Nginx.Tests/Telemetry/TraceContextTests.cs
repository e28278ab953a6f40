using System.Net;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>The trace that a member is in.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class TraceContextTests(NginxBinary binary)
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Parent = "00f067aa0ba902b7";

    private static NginxConfiguration Proxy => Samples.Minimal with { Listen = null };

    [Fact]
    public async Task Makes_a_trace_from_the_id_of_the_request()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy, upstream.Members);

        var parts = (await HeadersAsync(observed.Nginx))["traceparent"].Split('-');
        var next = (await HeadersAsync(observed.Nginx))["traceparent"].Split('-');

        Assert.Equal(("00", "01"), (parts[0], parts[3]));
        Assert.Matches("^[0-9a-f]{32}$", parts[1]);
        Assert.Equal(parts[1][..16], parts[2]);
        Assert.NotEqual(parts[1], next[1]);
    }

    [Theory]
    [InlineData($"00-{Trace}-{Parent}-01", "01")]
    [InlineData($"00-{Trace}-{Parent}-00", "00")]
    [InlineData($"00-{Trace}-{Parent}-03", "01")]
    [InlineData($"00-{Trace}-{Parent}-0a", "00")]
    [InlineData($"cc-{Trace}-{Parent}-01", "01")]
    [InlineData($"cc-{Trace}-{Parent}-01-what-the-future-brings", "01")]
    public async Task Continues_a_valid_trace(string header, string flags)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy, upstream.Members);

        var headers = await HeadersAsync(observed.Nginx, ("traceparent", header), ("tracestate", "vendor=1"));

        var parts = headers["traceparent"].Split('-');
        Assert.Equal(("00", Trace, flags), (parts[0], parts[1], parts[3]));
        Assert.Matches("^[0-9a-f]{16}$", parts[2]);
        Assert.NotEqual(Parent, parts[2]);
        Assert.Equal("vendor=1", headers["tracestate"]);
    }

    [Theory]
    [MemberData(nameof(InvalidHeaders))]
    public async Task Begins_anew_where_the_header_is_invalid(string header)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy, upstream.Members);

        var headers = await HeadersAsync(observed.Nginx, ("traceparent", header), ("tracestate", "vendor=1"));

        Assert.Matches("^00-([0-9a-f]{16})[0-9a-f]{16}-\\1-01$", headers["traceparent"]);
        Assert.DoesNotContain(Trace, headers["traceparent"], StringComparison.Ordinal);
        Assert.DoesNotContain("tracestate", headers.Keys);
    }

    [Theory]
    [InlineData("a=\u0001")]
    [InlineData("a=\u001b[2J")]
    [InlineData("a=b\u007f")]
    public async Task Drops_a_state_with_control_characters(string state)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        var response = await nginx.SendRawAsync(
            $"GET /headers HTTP/1.1\r\nHost: a\r\ntraceparent: 00-{Trace}-{Parent}-01\r\ntracestate: {state}\r\nConnection: close\r\n\r\n");

        Assert.Contains($"00-{Trace}-{Parent}-01", response, StringComparison.Ordinal);
        Assert.DoesNotContain("tracestate", response, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(InvalidHeaders))]
    public async Task Drops_an_invalid_header_without_telemetry_too(string header)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        var headers = await HeadersAsync(nginx, ("traceparent", header), ("tracestate", "vendor=1"));

        Assert.DoesNotContain("traceparent", headers.Keys);
        Assert.DoesNotContain("tracestate", headers.Keys);
    }

    [Fact]
    public async Task Has_no_part_in_the_trace_without_telemetry()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        var headers = await HeadersAsync(nginx, ("traceparent", $"00-{Trace}-{Parent}-01"), ("tracestate", "vendor=1"));

        Assert.Equal($"00-{Trace}-{Parent}-01", headers["traceparent"]);
        Assert.Equal("vendor=1", headers["tracestate"]);
    }

    [Fact]
    public async Task Gives_each_request_ids_of_its_own_though_no_trace_is_sampled()
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Telemetry = new() { SamplingRatio = 0, SampleAllWhenQuiet = false } };
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, upstream.Members);
        var traces = new HashSet<string>();
        var spans = new HashSet<string>();

        for (var round = 0; round < 12; round++)
        {
            var headers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => HeadersAsync(observed.Nginx)));
            foreach (var parent in headers.Select(header => header["traceparent"]))
            {
                Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$", parent);
                Assert.True(traces.Add(parent.Split('-')[1]) && spans.Add(parent.Split('-')[2]), parent);
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData($"00-{Trace}-{Parent}-01")]
    public async Task Samples_no_trace_where_the_share_is_none(string? header)
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Telemetry = new() { SamplingRatio = 0, SampleAllWhenQuiet = false } };
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, upstream.Members);

        var headers = await HeadersAsync(observed.Nginx, header is null ? [] : [("traceparent", header)]);

        Assert.EndsWith("-00", headers["traceparent"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Samples_every_trace_where_the_share_is_all()
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Telemetry = new() { SamplingRatio = 1 } };
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, upstream.Members);

        for (var request = 0; request < 20; request++)
        {
            Assert.EndsWith("-01", (await HeadersAsync(observed.Nginx))["traceparent"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Samples_every_trace_while_it_is_quiet_and_few_of_a_busy_connection()
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Telemetry = new() { SamplingRatio = 0.0001 } };
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, upstream.Members);
        var sampled = new List<bool>();

        // nginx closes no connection of the one client, who uses it again and again.
        for (var request = 0; request < 150; request++)
        {
            sampled.Add(await IsSampledAsync(observed.Nginx));
        }

        Assert.All(sampled[..90], Assert.True);
        Assert.InRange(sampled[100..].Count(isSampled => isSampled), 0, 2);
    }

    [Fact]
    public async Task Samples_few_traces_where_there_are_many_connections()
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Telemetry = new() { SamplingRatio = 0.0001 } };
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, upstream.Members);
        var idle = new List<System.Net.Sockets.TcpClient>();
        for (var connection = 0; connection < 10; connection++)
        {
            idle.Add(new("127.0.0.1", observed.Nginx.Port));
        }

        var sampled = 0;
        for (var request = 0; request < 50; request++)
        {
            sampled += await IsSampledAsync(observed.Nginx) ? 1 : 0;
        }

        idle.ForEach(connection => connection.Dispose());
        Assert.InRange(sampled, 0, 2);
    }

    /// <summary>With 3,901 requests of which one in 20 counts as 20, the standard deviation is 270.</summary>
    [Fact]
    public async Task Logs_a_share_of_a_busy_connection_and_counts_all()
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Telemetry = new() { SamplingRatio = 0 } };
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, upstream.Members);
        using var recorded = new RecordedMeasurements(observed.Meter);

        for (var request = 0; request < 4000; request++)
        {
            await HeadersAsync(observed.Nginx);
        }

        await observed.EndAsync();
        var weights = recorded.Of("nginx.requests").Select(count => (int)count.Value).ToList();
        Assert.Equal([1, 20], weights.Distinct().Order());
        Assert.InRange(weights.Count(weight => weight == 1), 90, 99);
        Assert.InRange(weights.Sum(), 4000 - 1400, 4000 + 1400);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0.3, 3)]
    [InlineData(0.0001, 10_000)]
    public async Task Logs_one_request_in_a_whole_number(double ratio, int count)
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Telemetry = new() { SamplingRatio = 0, MetricsRatio = ratio } };
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, upstream.Members);
        using var recorded = new RecordedMeasurements(observed.Meter);

        for (var request = 0; request < 200; request++)
        {
            await HeadersAsync(observed.Nginx);
        }

        await observed.EndAsync();
        Assert.All(recorded.Of("nginx.requests").Skip(99), logged => Assert.Equal(count, logged.Value));
        Assert.Equal(ratio == 1, recorded.Of("nginx.requests").Count == 200);
    }

    [Fact]
    public async Task Logs_every_request_that_fails()
    {
        var configuration = Proxy with { Telemetry = new() { SamplingRatio = 0, MetricsRatio = 0.0001 } };
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, Samples.Api("127.0.0.1:1"));
        using var recorded = new RecordedMeasurements(observed.Meter);

        for (var request = 0; request < 200; request++)
        {
            using var response = await observed.Nginx.Client.GetAsync("/");
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        }

        await observed.EndAsync();
        Assert.Equal(200, recorded.Of("nginx.requests").Sum(count => count.Value));
    }

    public static TheoryData<string> InvalidHeaders() =>
    [
        $"ff-{Trace}-{Parent}-01",
        $"00-{new string('0', 32)}-{Parent}-01",
        $"00-{Trace}-{new string('0', 16)}-01",
        $"00-{Trace.ToUpperInvariant()}-{Parent}-01",
        $"00-{Trace}-{Parent}-01-",
        $"00-{Trace}-{Parent}-01-more",
        $"00-{Trace}-{Parent}-1",
        $"00-{Trace}-{Parent}",
        $"00-{Trace[1..]}-{Parent}-01",
        $"0-{Trace}-{Parent}-01",
        $"cc-{Trace}-{Parent}-01.more",
        $"00-{Trace}-{Parent}-0g",
        "$request_id",
        "nonsense",
    ];

    private static async Task<bool> IsSampledAsync(RunningNginx nginx) =>
        (await HeadersAsync(nginx))["traceparent"].EndsWith("-01", StringComparison.Ordinal);

    private static async Task<Dictionary<string, string>> HeadersAsync(RunningNginx nginx, params (string Name, string Value)[] headers)
    {
        using var response = await nginx.SendAsync(HttpMethod.Get, "/headers", headers);
        return (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
    }
}
