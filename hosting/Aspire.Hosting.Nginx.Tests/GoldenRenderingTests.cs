using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Processes;
using Aspire.Hosting.Nginx.Rendering;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Compares with the files in Golden/, as <see cref="GoldenFile"/> does.</summary>
[UnsupportedOSPlatform("windows")]
public class GoldenRenderingTests
{
    [Fact]
    public void Renders_the_least_there_is() =>
        AssertGolden("minimal", Samples.Minimal, Samples.Api("127.0.0.1:5001"));

    [Fact]
    public void Renders_the_stack() =>
        AssertGolden(
            "stack",
            Samples.Minimal with
            {
                Workers = new() { User = "www-data", Connections = 20_480 },
                OpenFilesLimit = 20_736,
                Cors = Samples.AnyOrigin,
                ErrorPages = [new("/srv/50x.html", [500, 502, 503, 504])],
                ProblemDetails = true,
                Snippets = [new(NginxSnippetContext.Server, null, "/srv/conf.d")],
                Upstream = new() { LoadBalancing = NginxLoadBalancing.LeastConnections },
            },
            Samples.Api("unix:/run/flaskstack/api-b.sock", "unix:/run/flaskstack/api-a.sock"));

    [Fact]
    public void Renders_an_upstream_of_which_nothing_is_ready() =>
        AssertGolden(
            "nothing-ready",
            Samples.Minimal with { Cors = Samples.AnyOrigin, ErrorPages = [new("/srv/50x.html", [502])] },
            Samples.Api());

    [Fact]
    public void Renders_every_option() =>
        AssertGolden(
            "everything",
            new()
            {
                Listen = new(9090, ["*"]),
                Version = new(1, 27, 4),
                Workers = new() { Processes = 4, Connections = 4096, User = "nobody", Group = "nogroup" },
                OpenFilesLimit = 4352,
                ServerNames = ["example.com", "*.example.com"],
                Routes = [new("/api", "api"), new("/reports/", "reports")],
                StaticFiles = [new("/", "/srv/site"), new("/assets", "/srv/my assets")],
                ErrorPages = [new("/srv/50x.html", [502, 503, 504]), new("/srv/404.html", [404])],
                Cors = Samples.NamedOrigins,
                Limits = new() { MaxBodySize = 10_000_000, RequestsPerSecond = 50, Burst = 100, ConnectionsPerClient = 20 },
                Timeouts = new() { ProxyRead = TimeSpan.FromMilliseconds(2500), Shutdown = TimeSpan.FromSeconds(30) },
                Upstream = new()
                {
                    LoadBalancing = NginxLoadBalancing.IpHash,
                    KeepAliveConnections = 0,
                    MaxFails = 3,
                    FailTimeout = TimeSpan.FromSeconds(10),
                },
                Snippets =
                [
                    new(NginxSnippetContext.Http, "gzip on;", null),
                    new(NginxSnippetContext.Server, null, "/srv/conf.d"),
                    new(NginxSnippetContext.Server, "etag off;", null),
                ],
            },
            Samples.Api("127.0.0.1:5001", "127.0.0.1:5002"),
            new NginxUpstream("reports", "https", ["[::1]:7001"]));

    [Fact]
    public void Renders_a_service_outside() =>
        AssertGolden(
            "external",
            Samples.Minimal with
            {
                Routes = [new("/", "api"), new("/geo", "geo")],
                CertificateAuthorities = "/etc/ssl/certs/ca-certificates.crt",
            },
            Samples.Api("unix:/run/flaskstack/api-a.sock"),
            new NginxUpstream("geo", "https", ["192.0.2.7:443"]) { Host = "geo.example.com" });

    [Fact]
    public void Renders_a_container() =>
        AssertGolden(
            "container",
            NginxContainer.Adapt(Samples.Minimal with { ErrorPages = [new("/srv/50x.html", [502])] }),
            NginxContainer.PathsIn,
            Samples.Api("aspire.dev.internal:40001"));

    [Fact]
    public void Renders_routes() =>
        AssertGolden(
            "routes",
            Samples.Minimal with
            {
                Routes =
                [
                    new("/", "api") { Hosts = ["a.example", "*.b.example"] },
                    new("/api", "api") { RemovedPrefix = "/api", AddedPrefix = "/v2" },
                    new("/reports", "reports")
                    {
                        Methods = ["GET"],
                        RequestHeaders = [new("X-Team", "blue")],
                        ResponseHeaders = [new("X-Cost", "$1")],
                    },
                    new("/reports", "api") { Methods = ["POST"] },
                    new("/reports", "api")
                    {
                        Headers = [new("X-Version", ["2", "beta"])],
                        QueryParameters = [new("debug", [])],
                        Snippet = "proxy_read_timeout 10m;\nallow 10.0.0.0/8;\ndeny all;",
                    },
                    new("/old", null) { Option = "AddRedirect", Redirect = new("/new", IsPermanent: true) },
                    new("/ping", null) { Option = "AddResponse", Response = new(200, "pong", "text/plain") },
                ],
            },
            Samples.Api("unix:/run/flaskstack/api-b.sock", "unix:/run/flaskstack/api-a.sock"),
            new NginxUpstream("reports", "http", ["127.0.0.1:7001"]));

    [Fact]
    public void Renders_a_canary_a_shadow_and_sticky_sessions() =>
        AssertGolden(
            "canary",
            Samples.Minimal with
            {
                Sticky = new(),
                LogServer = new("127.0.0.1:5140", "secret"),
                Routes = [new("/", "api") { Canary = new("next", 12.5, IsSticky: true), Shadow = new("shadow", new() { Percent = 10 }) }],
            },
            Samples.Api("unix:/run/flaskstack/api-b.sock", "unix:/run/flaskstack/api-a.sock"),
            new NginxUpstream("next", "http", ["127.0.0.1:7001"]),
            new NginxUpstream("shadow", "http", ["127.0.0.1:7002"]));

    [Fact]
    public void Renders_telemetry() =>
        AssertGolden(
            "telemetry",
            Samples.Minimal with
            {
                LogServer = new("127.0.0.1:5140", "secret"),
                Routes = [new("/", "api"), new("/reports", "reports")],
                StaticFiles = [new("/assets", "/srv/assets")],
                ServerNames = ["example.com"],
                Limits = new() { MaxHeaderSize = 16 * 1024 },
            },
            Samples.Api("127.0.0.1:5001"));

    [Theory]
    [InlineData(1, true, null, "default       01;", false)]
    [InlineData(0, false, null, "default       00;", false)]
    [InlineData(0, true, null, "default        00;", true)]
    [InlineData(0.0005, false, "0.05% 01;", "default       $trace_share;", false)]
    [InlineData(0.25, true, "25% 01;", "default        $trace_share;", true)]
    public void Renders_the_share_of_traces(double ratio, bool allWhenQuiet, string? share, string flags, bool looksForQuiet)
    {
        var telemetry = new NginxTelemetry { SamplingRatio = ratio, SampleAllWhenQuiet = allWhenQuiet };

        var rendered = NginxConfigRenderer.Render(
            Samples.Minimal with { LogServer = new("127.0.0.1:5140", "secret"), Telemetry = telemetry },
            Samples.Paths,
            []);

        Assert.Contains(flags, rendered, StringComparison.Ordinal);
        Assert.Equal(share is not null, rendered.Contains("split_clients $request_id $trace_share", StringComparison.Ordinal));
        Assert.Contains(share ?? flags, rendered, StringComparison.Ordinal);
        Assert.Equal(looksForQuiet, rendered.Contains("map $trace_client$trace_quiet $trace_flags", StringComparison.Ordinal));
        Assert.Contains("syslog:server=127.0.0.1:5140,nohostname,tag=secret", rendered, StringComparison.Ordinal);
    }

    [Fact]
    public void Tells_its_health_to_this_machine_at_the_address_it_listens_on()
    {
        var rendered = NginxConfigRenderer.Render(
            Samples.Minimal with { Listen = new(8080, ["192.0.2.7", "[2001:db8::7]", "[::]", "*"]) }, Samples.Paths, []);

        var geo = rendered[rendered.IndexOf("geo $from_this_machine", StringComparison.Ordinal)..];
        var listed = geo[..geo.IndexOf('}', StringComparison.Ordinal)]
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["127.0.0.0/8 1;", "::1         1;", "192.0.2.7 1;", "2001:db8::7 1;"], listed[1..]);
    }

    [Fact]
    public void Same_input_gives_the_same_bytes_whatever_the_order_of_members()
    {
        var one = NginxConfigRenderer.Render(Samples.Minimal, Samples.Paths, [Samples.Api("unix:/a", "unix:/b")]);
        var other = NginxConfigRenderer.Render(Samples.Minimal, Samples.Paths, [Samples.Api("unix:/b", "unix:/a", "unix:/b")]);

        Assert.Equal(one, other);
    }

    [Fact]
    public void Knows_the_option_behind_a_line()
    {
        var rendered = NginxConfigRenderer.RenderWithOrigins(
            Samples.Minimal with { Cors = Samples.AnyOrigin },
            Samples.Paths,
            [Samples.Api("unix:/a")]);

        Assert.Equal("WithCors", OriginOf("add_header Access-Control-Allow-Origin"));
        Assert.Equal("WithRequestLimits", OriginOf("client_max_body_size"));
        Assert.Equal("WithTimeouts", OriginOf("worker_shutdown_timeout"));
        Assert.Equal("WithReverseProxy", OriginOf("proxy_pass"));
        Assert.Null(OriginOf("server_tokens"));

        string? OriginOf(string directive)
        {
            var index = Array.FindIndex(rendered.Text.Split('\n'), line => line.Contains(directive, StringComparison.Ordinal));
            return rendered.OriginOf(index + 1);
        }
    }

    private static void AssertGolden(string name, NginxConfiguration configuration, params NginxUpstream[] upstreams) =>
        AssertGolden(name, configuration, static paths => paths, upstreams);

    private static void AssertGolden(
        string name, NginxConfiguration configuration, Func<NginxRunPaths, NginxRunPaths> paths, params NginxUpstream[] upstreams) =>
        GoldenFile.AssertEqual([($"{name}.conf", NginxConfigRenderer.Render(configuration, paths(Samples.Paths), upstreams))]);
}
