using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Rendering;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Combinations of options, chosen at random from fixed seeds: whatever is valid, nginx accepts without a warning.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed partial class RandomOptionsTests(NginxBinary binary) : IDisposable
{
    private static readonly Lazy<(string Certificate, string Key)> Certificate = new(() => TestCertificate.CreatePem());

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Valid_options_make_a_valid_configuration(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 15; round++)
        {
            var configuration = Choose(random) with { Version = binary.Version };
            Assert.Empty(NginxConfigurationValidator.Validate(configuration));
            ImmutableArray<NginxUpstream> upstreams =
            [
                Samples.Api(
                [
                    .. Enumerable.Range(0, random.Next(4))
                        .Select(index => index % 2 == 0 ? $"unix:/run/{index}.sock" : $"127.0.0.1:{5000 + index}"),
                ]),
                new("reports", "https", ["[::1]:7001"]) { IsHttp2 = random.Next(2) == 0 && TlsRenderer.HasHttp2Directive(configuration) },
                new("geo", "https", ["192.0.2.7:443"]) { Host = "geo.example.com" },
            ];

            await AssertAcceptedAsync(NginxConfigRenderer.Render(configuration, Paths(), upstreams));
            // An image is never so old that it lacks the directive http2.
            var container = configuration with
            {
                IsContainer = true,
                Version = null,
                Tls = TlsRenderer.HasHttp2Directive(configuration) ? configuration.Tls : null,
            };
            await AssertAcceptedAsync(NginxConfigRenderer.Render(container, Paths(), upstreams));
            // A site cannot size the hash of the variables, which belongs to the nginx.conf that it is included in.
            var site = NginxSiteRenderer.Render(configuration, Paths(), upstreams);
            await AssertAcceptedAsync($"events {{}}\npid {_folder["pid"]};\nhttp {{\nvariables_hash_max_size 2048;\n{site}}}\n");
        }
    }

    public void Dispose() => _folder.Dispose();

    private NginxRunPaths Paths() => new(_folder.Path);

    private NginxConfiguration Choose(Random random)
    {
        var page = _folder.WriteFile("page.html", "");
        var json = _folder.WriteFile("page.json", "");
        Directory.CreateDirectory(_folder["snippets"]);
        Directory.CreateDirectory(_folder["pages"]);
        Directory.CreateDirectory(_folder["temp"]);
        var (certificate, key) = Certificate.Value;
        _folder.WriteFile("certificate.pem", certificate);
        _folder.WriteFile("key.pem", key);
        _folder.WriteFile("snippets/1.conf", "etag off;\nproxy_set_header X-Team blue;\nadd_header X-Team blue;\n");
        return new()
        {
            Listen = new(8080, Some(random, "127.0.0.1", "[::1]") is { IsEmpty: false } some ? some : ["*"]),
            Workers = new() { Processes = Maybe(random, 2), Connections = 64 + random.Next(1000) },
            OpenFilesLimit = Maybe(random, 4096),
            ServerNames = Some(random, "example.com", "*.example.com"),
            Routes =
            [
                .. Some(random, "/", "/api", "/a%20b/", "/caf%C3%A9", "/x%22y", "/openapi")
                    .Select(path => new NginxRoute(path, "api") { Options = Route(random) }),
                .. Some(random, "/reports").Select(path => new NginxRoute(path, "reports") { Options = Route(random) }),
                .. Some(random, "/geo")
                    .Select(path => new NginxRoute(path, "geo") { Options = Route(random), HasOriginalHost = random.Next(2) == 0 }),
                .. Some(random, "/", "/api", "/a%20b/")
                    .Select(path => Changed(random, new NginxRoute(path, "api") { Hosts = ["a.example", "*.b.example"] })),
                .. Some(random, "/x%22y", "/%c3%a9").Select(path => Changed(
                    random, new NginxRoute(path, "geo") { Hosts = ["c.b.example"], Methods = ["GET", "M-SEARCH"] })),
                .. Some(random, "/headers").Select(path => Changed(
                    random, new NginxRoute(path, "api") { Headers = [new("X-Version", ["1"])] }) with { Shadow = null }),
                .. Some(random, "/old", "/api").Select(path => new NginxRoute(path, null)
                {
                    Methods = ["PUT"],
                    Redirect = new(random.Next(2) == 0 ? "/" : "https://a.example/a;b(c)'", random.Next(2) == 0),
                }),
                .. Some(random, "/api").Select(path => new NginxRoute(path, null)
                {
                    Methods = ["POST"],
                    Response = new(200 + random.Next(300), random.Next(2) == 0 ? null : "${a}\\\"\n;", "text/plain"),
                }),
            ],
            StaticFiles =
            [
                .. Some(random, "/assets", "/my%20files", "/.well-known", "/a.%28b%29+c%5B")
                    .Select(path => new NginxStaticFiles(path, $"/srv/my files{path.Length}")
                    {
                        ImmutableFolders = Some(random, "assets", "_next/static", "a.b+c"),
                        Fallback = random.Next(2) == 0 ? null : "index.html",
                        HasBrotli = random.Next(2) == 0,
                    }),
            ],
            ErrorPages = random.Next(3) switch
            {
                0 => [],
                1 => [new(page, [502, 503, 404])],
                _ => [new(page, [500, 503]), new(json, [502, 400])],
            },
            ProblemDetails = random.Next(2) == 0,
            PrivatePaths = random.Next(2) == 0 ? NginxConfiguration.UsualPrivatePaths : Some(random, "/metrics", "/a.b%20c"),
            TrustedProxies = Some(random, "10.0.0.0/8", "192.0.2.7", "fd00::/8"),
            Tls = random.Next(2) == 0 ? null : new(new(8443, ["127.0.0.1"]), _folder["certificate.pem"], _folder["key.pem"]),
            TlsOptions = random.Next(2) == 0 ? null : new()
            {
                Http2 = random.Next(2) == 0,
                Hsts = random.Next(2) == 0 ? null : TimeSpan.FromDays(random.Next(3)),
            },
            SecurityHeaders = random.Next(2) == 0 ? null : new()
            {
                ContentSecurityPolicy = "default-src 'self'; img-src \"x\"",
                FrameOptions = random.Next(2) == 0 ? null : "DENY",
            },
            Compression = random.Next(2) == 0 ? null : new() { Level = random.Next(1, 10) },
            Cache = random.Next(2) == 0 ? null : new() { ServeStale = random.Next(2) == 0 },
            BasicAuth = random.Next(2) == 0 ? null : new("editor", new("password", static _ => "", secret: true)),
            AccessLog = random.Next(2) == 0,
            IsInMaintenance = random.Next(2) == 0,
            HttpsRedirect = random.Next(2) == 0 ? null : 307,
            AcmeFolder = random.Next(2) == 0 ? null : "/var/www/my proofs",
            Cors = random.Next(3) switch { 0 => null, 1 => Samples.AnyOrigin, _ => Samples.NamedOrigins },
            Limits = new()
            {
                MaxBodySize = 1 + random.NextInt64(1L << 32),
                BodyBufferSize = random.Next(1 << 10, 1 << 20),
                LargeBodies = random.Next(1, 65_536),
                LargeBodiesPerClient = random.Next(1, 65_536),
                MaxHeaderSize = random.Next(1 << 10, 1 << 20),
                HeaderBuffers = random.Next(1, 65),
                RequestsPerSecond = 5,
                Burst = random.Next(3),
                ConnectionsPerClient = Maybe(random, 7),
            },
            Timeouts = new()
            {
                ProxyRead = TimeSpan.FromSeconds(random.Next(1, 86_401)),
                Shutdown = random.Next(2) == 0 ? null : TimeSpan.FromSeconds(5),
            },
            Upstream = new()
            {
                LoadBalancing = (NginxLoadBalancing)random.Next(5),
                KeepAliveConnections = random.Next(3),
                MaxFails = random.Next(3),
                Tries = random.Next(1, 101),
                MaxResponseHeaderSize = random.Next(1 << 12, (1 << 20) + 1),
                MaxResponseFileSize = random.Next(2) == 0 ? 0 : random.NextInt64(1 << 20, 1L << 40),
            },
            Sticky = random.Next(2) == 0 ? null : new(),
            Telemetry = new() { SamplingRatio = random.Next(3) / 2.0, SampleAllWhenQuiet = random.Next(2) == 0 },
            LogServer = random.Next(2) == 0 ? null : new("127.0.0.1:5140", "secret"),
            CertificateAuthorities = null,
            Snippets = random.Next(2) == 0 ? [] : [new(NginxSnippetContext.Server, "in snippets/1.conf", null)],
        };
    }

    private static NginxRoute Changed(Random random, NginxRoute route) => route with
    {
        Options = Route(random) with { RequestBuffering = true },
        RemovedPrefix = route.Path == "/" || random.Next(2) == 0 ? null : route.Path,
        AddedPrefix = random.Next(2) == 0 ? null : "/v2",
        Headers = [.. Some(random, "X-Version", "Host").Select(name => new NginxMatch(name, Some(random, "2", "a\"b$c{d}\\ e;\u00e9")))],
        QueryParameters = [.. Some(random, "v", "the_id").Select(name => new NginxMatch(name, Some(random, "2", "a b&c=$\"\\")))],
        Snippet = random.Next(2) == 0 ? null : "proxy_read_timeout 10m; # {\nproxy_buffering off;\nsatisfy any;",
        RequestHeaders =
        [
            .. Some(random, "X-Team", "Accept", "X-The-Longest-Name-Of-A-Header-There-Is-")
                .Select(name => new NginxHeader(name, "a $b \"c\"")),
        ],
        Shadow = random.Next(2) == 0 ? null : new("reports", new() { Percent = 1 + random.Next(100), UnsafeMethods = random.Next(2) == 0 }),
        Canary = random.Next(2) == 0 ? null : new("reports", random.Next(10_001) / 100.0, random.Next(2) == 0),
        ResponseHeaders =
        [
            .. Some(random, "X-Team", "Cache-Control").Select(name => new NginxHeader(name, random.Next(2) == 0 ? "" : "a;$b")),
        ],
    };

    private static NginxRouteOptions Route(Random random) =>
        new() { RequestBuffering = random.Next(2) == 0, ResponseBuffering = random.Next(2) == 0 };

    private static int? Maybe(Random random, int value) => random.Next(2) == 0 ? value : null;

    private static ImmutableArray<string> Some(Random random, params string[] values) => [.. values.Where(_ => random.Next(2) == 0)];

    private async Task AssertAcceptedAsync(string text)
    {
        var file = _folder.WriteFile("nginx.conf", Placeholder().Replace(text, static match => match.Groups[1].Value switch
        {
            NginxVariables.Resolve => "",
            NginxVariables.Resolvers => "127.0.0.1",
            NginxVariables.TrustedProxy => "127.0.0.1",
            _ => "127.0.0.1:80",
        }));
        var start = binary.Command(["-t", "-q", "-e", "stderr", "-p", _folder.Path, "-c", file]);
        start.RedirectStandardError = true;
        using var nginx = System.Diagnostics.Process.Start(start)!;
        var said = await nginx.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await nginx.WaitForExitAsync();

        var line = LineNumber().Match(said) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 1;
        Assert.True(said.Length == 0 && nginx.ExitCode == 0, $"{said}\n{text.Split('\n')[line - 1]}");
    }

    [GeneratedRegex(@"nginx\.conf:(\d+)")]
    private static partial Regex LineNumber();

    [GeneratedRegex(@"\$\{([A-Z0-9_]+)\}")]
    private static partial Regex Placeholder();
}
