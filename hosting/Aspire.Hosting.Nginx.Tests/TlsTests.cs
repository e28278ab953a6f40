using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Authentication;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Rendering;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>The real nginx with a certificate.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class TlsTests : IDisposable
{
    private readonly NginxBinary _binary;
    private readonly TemporaryFolder _folder = new();
    private readonly NginxTls _tls;

    public TlsTests(NginxBinary binary)
    {
        _binary = binary;
        _tls = TestCertificate.CreateTls(_folder);
    }

    [Theory]
    [InlineData("1.1", true, "1.1")]
    [InlineData("2.0", true, "2.0")]
    [InlineData("2.0", false, "1.1")]
    public async Task Serves_https_in_the_version_that_the_client_speaks(string asked, bool http2, string answered)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, configuration => configuration with { TlsOptions = new() { Http2 = http2 } });
        using var client = TestCertificate.Client(_tls.Listen.Port);

        using var request = new HttpRequestMessage(HttpMethod.Get, "https://shop.example:99/headers")
        {
            Version = Version.Parse(asked),
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Headers = { { "X-Forwarded-Proto", "http" } },
        };
        using var response = await client.SendAsync(request);

        Assert.Equal(Version.Parse(answered), response.Version);
        var headers = new[] { ("X-Forwarded-Proto", "https"), ("Host", "shop.example:99"), ("X-Forwarded-For", "127.0.0.1") };
        foreach (var (header, expected) in headers)
        {
            Assert.Contains($"\"{header}\":\"{expected}\"", await response.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning disable SYSLIB0039, CA5397 // That it is refused is the test.
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore SYSLIB0039, CA5397
    public async Task Speaks_TLS_1_2_and_1_3_alone(SslProtocols protocol, bool isSpoken)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, static configuration => configuration);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _tls.Listen.Port);
        await using var stream = new SslStream(
            client.GetStream(), false, static (_, certificate, _, _) => TestCertificate.IsOurs(certificate));

        var handshake = await Record.ExceptionAsync(() => stream.AuthenticateAsClientAsync("example.com", null, protocol, false));

        Assert.Equal(isSpoken, handshake is null);
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirects_http_to_https_but_not_what_has_to_stay(int status)
    {
        Directory.CreateDirectory(_folder[".well-known/acme-challenge"]);
        _folder.WriteFile(".well-known/acme-challenge/token", "proof");
        OpenToWorkers(_folder.Path);
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(
            upstream, configuration => configuration with { HttpsRedirect = status, AcmeFolder = _folder.Path, ProblemDetails = true });
        using var client = TestCertificate.Client(_tls.Listen.Port);

        using var redirect = await nginx.SendAsync(HttpMethod.Post, "/name?a=b%20c", ("Host", "shop.example:80"));
        Assert.Equal(
            (status, $"https://shop.example:{_tls.Listen.Port}/name?a=b%20c"),
            ((int)redirect.StatusCode, redirect.Headers.Location?.OriginalString));

        Assert.Equal("proof", await nginx.Client.GetStringAsync(new Uri("/.well-known/acme-challenge/token", UriKind.Relative)));
        Assert.Equal("healthy\n", await nginx.Client.GetStringAsync(new Uri(NginxConfiguration.HealthPath, UriKind.Relative)));
        using var unknown = await nginx.SendAsync(HttpMethod.Get, "/.well-known/acme-challenge/none");
        Assert.Equal(
            (HttpStatusCode.NotFound, "application/problem+json"),
            (unknown.StatusCode, unknown.Content.Headers.ContentType?.MediaType));

        Assert.Equal("one", await client.GetStringAsync(new Uri("/name", UriKind.Relative)));
    }

    [Fact]
    public async Task Believes_a_trusted_proxy_that_the_client_came_over_https()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(
            upstream, static configuration => configuration with { HttpsRedirect = 307, TrustedProxies = ["127.0.0.1"] });

        using var over = await nginx.SendAsync(HttpMethod.Get, "/name", ("X-Forwarded-Proto", "https"));
        using var plain = await nginx.SendAsync(HttpMethod.Get, "/name", ("X-Forwarded-Proto", "http"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TemporaryRedirect), (over.StatusCode, plain.StatusCode));
    }

    [Theory]
    [InlineData("https://shop.example/name", "max-age=86400; includeSubDomains")]
    [InlineData("https://shop.example/none", "max-age=86400; includeSubDomains")]
    [InlineData("https://localhost/name", null)]
    [InlineData("https://127.0.0.1/name", null)]
    [InlineData("https://[::1]/name", null)]
    public async Task Tells_browsers_to_use_https_where_that_is_safe(string url, string? expected)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, static configuration => configuration with
        {
            TlsOptions = new() { Hsts = TimeSpan.FromDays(1), HstsIncludesSubdomains = true },
        });
        using var client = TestCertificate.Client(_tls.Listen.Port);

        using var response = await client.GetAsync(new Uri(url));
        using var plain = await nginx.SendAsync(HttpMethod.Get, "/name", ("Host", "shop.example"));

        Assert.Equal(expected, response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? Assert.Single(values) : null);
        Assert.False(plain.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Misdirected_requests_and_plain_ones_get_nginxs_own_answers()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(
            upstream, static configuration => configuration with { ServerNames = ["shop.example"], ProblemDetails = true });
        using var client = TestCertificate.Client(_tls.Listen.Port);

        using var other = await client.GetAsync(new Uri("https://other.example/name"));
        Assert.Equal("one", await client.GetStringAsync(new Uri("https://shop.example/name")));
        using var plain = await nginx.Client.GetAsync(new Uri($"http://127.0.0.1:{_tls.Listen.Port}/name"));

        Assert.Equal(HttpStatusCode.MisdirectedRequest, other.StatusCode);
        Assert.Equal(
            (HttpStatusCode.BadRequest, "application/problem+json"),
            (plain.StatusCode, plain.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Streams_and_WebSockets_pass_over_TLS()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, static configuration => configuration);
        using var client = TestCertificate.Client(_tls.Listen.Port);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/events")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "Accept", "text/event-stream" } },
        };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64];
        var read = await body.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.StartsWith("data: one", System.Text.Encoding.UTF8.GetString(buffer, 0, read), StringComparison.Ordinal);

        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = static (_, certificate, _, _) => TestCertificate.IsOurs(certificate);
        await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{_tls.Listen.Port}/socket"), CancellationToken.None);
        await socket.SendAsync("hello"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, true, CancellationToken.None);
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("hello", System.Text.Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task Bodies_of_unknown_length_count_as_large_over_HTTP2_too()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(
            upstream, static configuration => configuration with { Limits = new() { LargeBodiesPerClient = 1 } });
        using var client = TestCertificate.Client(_tls.Listen.Port);
        using var held = new HeldBody();
        var first = client.SendAsync(Post(held));
        await held.IsBegun.WaitAsync(TimeSpan.FromSeconds(30));

        HttpStatusCode second;
        do
        {
            using var body = new HeldBody();
            body.Release();
            using var response = await client.SendAsync(Post(body));
            second = response.StatusCode;
        }
        while (second == HttpStatusCode.OK && !first.IsCompleted);
        held.Release();
        using var finished = await first;

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (second, finished.StatusCode));

        static HttpRequestMessage Post(HttpContent body) => new(HttpMethod.Post, "/echo")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
    }

    [Theory]
    [InlineData("tls", null)]
    [InlineData("tls-http2-directive", "1.25.1")]
    public void Renders_a_certificate(string name, string? version) => GoldenFile.AssertEqual(
    [
        ($"{name}.conf", NginxConfigRenderer.Render(
            Samples.Minimal with
            {
                ServerNames = ["shop.example"],
                Version = version is null ? null : new(version),
                Tls = new(
                    new(8443, ["127.0.0.1", "[::1]"]),
                    "/run/flaskstack/nginx/tls/certificate.pem",
                    "/run/flaskstack/nginx/tls/key.pem"),
                TlsOptions = new() { Hsts = TimeSpan.FromDays(365) },
                HttpsRedirect = 308,
                AcmeFolder = "/var/www/certbot",
            },
            Samples.Paths,
            [Samples.Api("unix:/run/flaskstack/api-a.sock")])),
    ]);

    public void Dispose() => _folder.Dispose();

    private Task<RunningNginx> StartAsync(Upstream upstream, Func<NginxConfiguration, NginxConfiguration> change) =>
        RunningNginx.StartAsync(
            _binary, change(Samples.Minimal with { Listen = null, Tls = _tls, TlsOptions = new() }), upstream.Members);

    private static void OpenToWorkers(string folder) => File.SetUnixFileMode(
        folder,
        File.GetUnixFileMode(folder)
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

    /// <summary>A body of unknown length whose end comes when the test says so.</summary>
    private sealed class HeldBody : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsBegun => _begun.Task;

        public void Release() => _released.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[64]);
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _released.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
