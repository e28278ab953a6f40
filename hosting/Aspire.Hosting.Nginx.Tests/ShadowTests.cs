using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Tests.Telemetry;
using static Aspire.Hosting.Nginx.Tests.Refusal;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>What the real nginx sends to a shadow, and what comes of the answers.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class ShadowTests(NginxBinary binary)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shadow_gets_a_copy_and_the_client_the_routes_own_answer(bool unsafeMethods)
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await RunningNginx.StartAsync(binary, Shadowed(new() { UnsafeMethods = unsafeMethods }), Both(one, two));

        Assert.Equal("one", await nginx.Client.GetStringAsync("/p/name?q=%2F"));
        using var posted = await nginx.Client.PostAsync("/p/echo", new ByteArrayContent(new byte[100_000]));
        Assert.Equal("100000 bytes", await posted.Content.ReadAsStringAsync());
        using var put = await nginx.Client.PutAsync("/p/x%2Fy", new ByteArrayContent(new byte[500_000]));

        await UntilAsync(() => two.Seen.Contains("PUT /x%2Fy 500000") && (!unsafeMethods || two.Seen.Contains("POST /echo 100000")));
        Assert.Contains("GET /name?q=%2F ", two.Seen);
        Assert.Equal(unsafeMethods ? 3 : 2, two.Seen.Count);
        Assert.Equal(["GET /name?q=%2F ", "POST /echo 100000", "PUT /x%2Fy 500000"], one.Seen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_shadow_that_hangs_or_is_down_costs_clients_nothing(bool hangs)
    {
        using var folder = new TemporaryFolder();
        using var silent = hangs ? Listen(folder) : null;
        await using var one = await Upstream.StartAsync("one");
        await using var nginx = await RunningNginx.StartAsync(
            binary,
            Shadowed(new()),
            Samples.Api(one.Address, "unix:/nowhere.sock"),
            new NginxUpstream("shadow", "http", [$"unix:{folder["s"]}"]));
        await nginx.Client.GetStringAsync("/p/name");
        var start = Stopwatch.GetTimestamp();

        // One connection, on which each answer would wait for the copy before.
        for (var request = 0; request < 200; request++)
        {
            Assert.Equal("one", await nginx.Client.GetStringAsync("/p/name"));
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
        Assert.Equal(201, one.Seen.Count);
    }

    [Fact]
    public async Task Differences_are_counted_and_logged()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        var logger = new RecordingLogger();
        await using var observed = await ObservedNginx.StartAsync(binary, Shadowed(new()), logger, Both(one, two));
        using var measurements = new RecordedMeasurements(observed.Meter);

        foreach (var path in new[] { "/p/name", "/p/headers", "/p/differs/status?secret=x", "/p/differs/length" })
        {
            using var response = await observed.Nginx.SendAsync(HttpMethod.Get, path);
        }

        await UntilAsync(() => ResultsOf(measurements).Length == 4);

        Assert.Equal(["length", "same", "same", "status"], ResultsOf(measurements));
        var durations = measurements.Of("nginx.shadow.duration");
        Assert.Equal(
            (4, 4),
            (durations.Count(duration => duration.Tags["nginx.upstream.name"] is "api"),
                durations.Count(duration => duration.Tags["nginx.upstream.name"] is "shadow")));
        Assert.All(durations, duration => Assert.Equal("/p", duration.Tags["http.route"]));
        Assert.Equal(2, logger.Lines.Count);
        var lines = logger.Lines.Order(StringComparer.Ordinal).ToArray();
        Assert.Matches(
            "^The shadow of GET /p/differs/status differs: api answered 200, 0 bytes, [0-9]+ ms; "
            + "shadow answered 404, 0 bytes, [0-9]+ ms\\.$",
            lines[1]);
        Assert.Contains("api answered 200, 1 bytes", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            "/p",
            Assert.Single(measurements.Of("http.server.request.duration").Select(duration => duration.Tags["http.route"]).Distinct()));
    }

    [Fact]
    public async Task A_shadow_that_does_not_keep_up_is_refused_more()
    {
        using var folder = new TemporaryFolder();
        using var silent = Listen(folder);
        await using var one = await Upstream.StartAsync("one");
        await using var observed = await ObservedNginx.StartAsync(
            binary,
            Shadowed(new() { Requests = 2, Timeout = TimeSpan.FromSeconds(1) }),
            Samples.Api(one.Address),
            new NginxUpstream("shadow", "http", [$"unix:{folder["s"]}"]));
        using var measurements = new RecordedMeasurements(observed.Meter);

        for (var request = 0; request < 6; request++)
        {
            await observed.Nginx.Client.GetStringAsync("/p/name");
        }

        await UntilAsync(() => ResultsOf(measurements).Length == 6);
        Assert.Equal(["refused", "refused", "refused", "refused", "timeout", "timeout"], ResultsOf(measurements));
    }

    [Fact]
    public void Says_what_is_wrong_with_a_shadow()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
        var (api, shadow) = (builder.AddResource(new FakeService("api")), builder.AddResource(new FakeService("shadow")));
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", api)
            .WithReverseProxy("/stream", api, configure: static route => route with { RequestBuffering = false });

        AssertRefused("WithShadow: 'nginx' passes no path \"/\" to a resource other than 'api'", () => nginx.WithShadow("/", api));
        AssertRefused("WithShadow: the requests of \"/stream\" are not buffered", () => nginx.WithShadow("/stream", shadow));
        AssertRefused(
            "WithShadow: Percent is 0; it must be from 0.01 to 100.",
            () => nginx.WithShadow("/", shadow, options => options with { Percent = 0 }));
        AssertRefused("WithShadow: Requests is 0", () => nginx.WithShadow("/", shadow, options => options with { Requests = 0 }));
    }

    private static string[] ResultsOf(RecordedMeasurements measurements) =>
        [.. measurements.Of("nginx.shadow.requests")
            .Select(static measurement => (string)measurement.Tags["nginx.shadow.result"]!)
            .Order(StringComparer.Ordinal)];

    /// <summary>A service that accepts connections and never answers.</summary>
    private static Socket Listen(TemporaryFolder folder)
    {
        File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(folder["s"]));
        silent.Listen(1000);
        File.SetUnixFileMode(folder["s"], (UnixFileMode)0b110_110_110);
        return silent;
    }

    private static NginxConfiguration Shadowed(NginxShadowOptions options) => Samples.Minimal with
    {
        Listen = null,
        Routes = [new("/p", "api") { RemovedPrefix = "/p", Shadow = new("shadow", options) }],
    };

    private static NginxUpstream[] Both(Upstream one, Upstream two) => [Samples.Api(one.Address), new("shadow", "http", [two.Address])];

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), deadline.Token);
        }
    }
}
