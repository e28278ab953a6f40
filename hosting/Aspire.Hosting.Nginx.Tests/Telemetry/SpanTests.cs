using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.Otlp;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>The spans of requests to the real nginx.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class SpanTests(NginxBinary binary)
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Parent = "00f067aa0ba902b7";

    private static NginxConfiguration Proxy => Samples.Minimal with { Listen = null };

    [Fact]
    public async Task Describes_a_request()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy, upstream.Members);
        var before = DateTimeOffset.UtcNow.AddMilliseconds(-1);

        using var response = await observed.Nginx.SendAsync(HttpMethod.Get, "/headers?token=secret", ("User-Agent", "a \"test\""));
        var sent = (await response.Content.ReadAsStringAsync()).Split("\"traceparent\":\"")[1].Split('-');
        var span = await observed.NextSpanAsync();

        Assert.Equal(("GET /", Span.Types.SpanKind.Server), (span.Name, span.Kind));
        Assert.Equal((sent[1], sent[2]), (span.TraceId.Hex(), span.SpanId.Hex()));
        Assert.True(span.ParentSpanId.IsEmpty);
        Assert.Null(span.Status);
        Assert.Equal(1u, span.Flags & 1);
        Assert.InRange(span.StartTimeUnixNano, Nanoseconds(before), span.EndTimeUnixNano);
        Assert.InRange(span.EndTimeUnixNano, span.StartTimeUnixNano, Nanoseconds(DateTimeOffset.UtcNow.AddMilliseconds(1)));
        Assert.Equal("GET", span.Attributes.Value("http.request.method"));
        Assert.Equal("200", span.Attributes.Value("http.response.status_code"));
        Assert.Equal("/", span.Attributes.Value("http.route"));
        Assert.Equal("/headers", span.Attributes.Value("url.path"));
        Assert.Equal("http", span.Attributes.Value("url.scheme"));
        Assert.Equal("127.0.0.1", span.Attributes.Value("server.address"));
        Assert.Equal($"{observed.Nginx.Port}", span.Attributes.Value("server.port"));
        Assert.Equal("127.0.0.1", span.Attributes.Value("client.address"));
        Assert.Equal("1.1", span.Attributes.Value("network.protocol.version"));
        Assert.Equal("a \"test\"", span.Attributes.Value("user_agent.original"));
        Assert.Equal("api", span.Attributes.Value("nginx.upstream.name"));
        Assert.Equal("api-0", span.Attributes.Value("nginx.upstream.member"));
        Assert.Equal(upstream.Address, span.Attributes.Value("nginx.upstream.address"));
        Assert.DoesNotContain("secret", span.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_a_child_of_the_client_s_span()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy, upstream.Members);

        using var response = await observed.Nginx.SendAsync(
            HttpMethod.Get,
            "/headers",
            ("traceparent", $"00-{Trace}-{Parent}-01"),
            ("tracestate", "a=1,b=2"));
        var sent = (await response.Content.ReadAsStringAsync()).Split("\"traceparent\":\"")[1].Split('-');
        var span = await observed.NextSpanAsync();

        Assert.Equal((Trace, Parent, sent[2]), (span.TraceId.Hex(), span.ParentSpanId.Hex(), span.SpanId.Hex()));
        Assert.Equal("a=1,b=2", span.TraceState);
    }

    [Fact]
    public async Task Has_no_span_where_the_client_decided_against_it()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy, upstream.Members);

        using var silent = await observed.Nginx.SendAsync(HttpMethod.Get, "/name", ("traceparent", $"00-{Trace}-{Parent}-00"));
        using var told = await observed.Nginx.SendAsync(HttpMethod.Get, "/headers");

        Assert.Equal("/headers", (await observed.NextSpanAsync()).Attributes.Value("url.path"));
    }

    [Fact]
    public async Task Has_a_span_of_a_failure_though_no_trace_is_sampled()
    {
        using var page = new TemporaryFile("sorry");
        var configuration = Proxy with
        {
            Telemetry = new() { SamplingRatio = 0, SampleAllWhenQuiet = false },
            ErrorPages = [new(page.Path, [502])],
            Routes = [new("/api", "api")],
        };
        var dead = new NginxUpstream("api", "http", ["unix:/nowhere/api.sock"]);
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, dead);

        using var response = await observed.Nginx.SendAsync(HttpMethod.Post, "/api/orders?id=1");
        var span = await observed.NextSpanAsync();

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(("POST /api", Status.Types.StatusCode.Error), (span.Name, span.Status.Code));
        Assert.Equal("502", span.Attributes.Value("error.type"));
        Assert.Equal("502", span.Attributes.Value("http.response.status_code"));
        Assert.Equal("/api/orders", span.Attributes.Value("url.path"));
        Assert.Equal("unix:/nowhere/api.sock", span.Attributes.Value("nginx.upstream.address"));
        Assert.Equal(0u, span.Flags & 1);
    }

    [Fact]
    public async Task Has_a_span_of_a_slow_request_though_no_trace_is_sampled()
    {
        await using var upstream = await Upstream.StartAsync();
        var telemetry = new NginxTelemetry { SamplingRatio = 0, SampleAllWhenQuiet = false };
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy with { Telemetry = telemetry }, upstream.Members);

        for (var request = 0; request < 20; request++)
        {
            using var fast = await observed.Nginx.SendAsync(HttpMethod.Get, "/name");
        }

        using var slow = await observed.Nginx.SendAsync(HttpMethod.Get, "/slow");
        var spans = await observed.EndAsync();

        // On a busy machine others may be slow too.
        Assert.All(spans, span => Assert.True(span.EndTimeUnixNano - span.StartTimeUnixNano >= 1_000_000_000));
        Assert.Equal("/slow", spans[^1].Attributes.Value("url.path"));
    }

    [Fact]
    public async Task Has_a_span_for_each_attempt_of_a_request_that_was_tried_twice()
    {
        await using var upstream = await Upstream.StartAsync();
        var members = new NginxUpstream("api", "http", ["unix:/nowhere/a-dead-one.sock", upstream.Address]);
        var telemetry = new NginxTelemetry { SamplingRatio = 0, SampleAllWhenQuiet = false };
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy with { Telemetry = telemetry }, members);

        var (server, first) = await RetriedAsync(observed);
        var second = await observed.NextSpanAsync();

        Assert.Equal("200", server.Attributes.Value("http.response.status_code"));
        Assert.Equal("1", server.Attributes.Value("http.request.resend_count"));
        Assert.Null(server.Status);
        Assert.All([first, second], attempt => Assert.Equal(
            (server.TraceId, server.SpanId, Span.Types.SpanKind.Client, "GET"),
            (attempt.TraceId, attempt.ParentSpanId, attempt.Kind, attempt.Name)));
        Assert.Equal(("api-0", Status.Types.StatusCode.Error), (first.Attributes.Value("nginx.upstream.member"), first.Status.Code));
        Assert.Equal("/nowhere/a-dead-one.sock", first.Attributes.Value("server.address"));
        Assert.Null(first.Attributes.Value("http.request.resend_count"));
        Assert.Equal("api-1", second.Attributes.Value("nginx.upstream.member"));
        Assert.Equal("200", second.Attributes.Value("http.response.status_code"));
        Assert.Equal("1", second.Attributes.Value("http.request.resend_count"));
        Assert.Null(second.Status);
        Assert.True(server.StartTimeUnixNano <= first.StartTimeUnixNano);
        Assert.Equal(first.EndTimeUnixNano, second.StartTimeUnixNano);
        Assert.True(second.EndTimeUnixNano <= server.EndTimeUnixNano);
    }

    [Fact]
    public async Task Describes_requests_with_the_longest_lines_there_may_be()
    {
        await using var upstream = await Upstream.StartAsync();
        var limits = new NginxRequestLimits { MaxHeaderSize = 8 * 1024, HeaderBuffers = 4 };
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy with { Limits = limits }, upstream.Members);
        var path = "/" + new string('"', 8000);
        var agent = new string('"', 8000);

        await observed.Nginx.SendRawAsync(
            $"GET {path}?q HTTP/1.1\r\nHost: a.example\r\nUser-Agent: {agent}\r\n"
            + $"traceparent: 00-{Trace}-{Parent}-01\r\ntracestate: {agent}\r\nConnection: close\r\n\r\n");
        var span = await observed.NextSpanAsync();

        Assert.Equal(path, span.Attributes.Value("url.path"));
        Assert.Equal(agent, span.Attributes.Value("user_agent.original"));
        Assert.Equal("404", span.Attributes.Value("http.response.status_code"));
    }

    [Fact]
    public async Task Cuts_what_would_not_fit_into_a_message()
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Limits = new() { MaxHeaderSize = 128 * 1024 } };
        await using var observed = await ObservedNginx.StartAsync(binary, configuration, upstream.Members);

        await observed.Nginx.SendRawAsync(
            $"GET /name HTTP/1.1\r\nHost: a.example\r\nUser-Agent: {new string('u', 100_000)}\r\nConnection: close\r\n\r\n");
        var span = await observed.NextSpanAsync();

        Assert.Equal("/name", span.Attributes.Value("url.path"));
        Assert.Equal(new string('u', 4096), span.Attributes.Value("user_agent.original"));
    }

    [Fact]
    public async Task Describes_what_is_hardly_a_request()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var observed = await ObservedNginx.StartAsync(binary, Proxy, upstream.Members);

        await observed.Nginx.SendRawAsync("nonsense\r\n\r\n");
        await observed.Nginx.SendRawAsync("BREW /name HTTP/1.1\r\nHost: a.example\r\nUser-Agent: \xFF\xFE\r\nConnection: close\r\n\r\n");
        var nonsense = await observed.NextSpanAsync();
        var span = await observed.NextSpanAsync();

        Assert.Equal(("HTTP", "400"), (nonsense.Name, nonsense.Attributes.Value("http.response.status_code")));
        Assert.Equal("nonsense", nonsense.Attributes.Value("http.request.method_original"));
        Assert.Equal(("HTTP /", "_OTHER"), (span.Name, span.Attributes.Value("http.request.method")));
        Assert.Equal("BREW", span.Attributes.Value("http.request.method_original"));
        Assert.NotEqual(0, Encoding.UTF8.GetByteCount(span.Attributes.Value("user_agent.original")!));
    }

    /// <summary>Which member is asked first is nginx's choice; the dead one is asked again once its pause is over.</summary>
    private static async Task<(Span Server, Span First)> RetriedAsync(ObservedNginx observed)
    {
        using var response = await observed.Nginx.SendAsync(HttpMethod.Get, "/name");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await observed.NextSpanAsync(), await observed.NextSpanAsync());
    }

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
