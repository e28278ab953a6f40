using System.Collections.Concurrent;
using System.Net;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;

#pragma warning disable ASPIRECERTIFICATES001 // Aspire's certificate API is experimental.

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>What public AppHosts have a hand-written nginx.conf for, each in at most fifteen lines, in front of stub services.</summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class PublicAppHostTests(NginxBinary binary) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Upstream> _stubs = [];
    private readonly IDistributedApplicationBuilder _builder = NginxApplication.CreateBuilder(binary);
    private DistributedApplication? _application;

    [Fact]
    public async Task Subdomains_for_seven_services()
    {
        string[] services = ["admin", "catalog", "crm", "identity", "orders", "reports", "www"];
        var stubs = await StubsAsync(services);

        // The AppHost.
        var nginx = _builder.AddNginx("nginx").WithServerName("shop.localhost", "*.shop.localhost")
            .WithConfiguration(routes =>
            {
                foreach (var (name, service) in stubs)
                {
                    routes.AddRoute(service).WithMatchHosts($"{name}.shop.localhost");
                }

                routes.AddRoute(stubs["www"]).WithMatchHosts("shop.localhost");
            });

        await StartAsync();
        foreach (var name in services)
        {
            Assert.Equal((HttpStatusCode.OK, name), await AskAsync(nginx, "/name", $"{name}.shop.localhost"));
        }

        Assert.Equal((HttpStatusCode.OK, "www"), await AskAsync(nginx, "/name", "shop.localhost"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await AskAsync(nginx, "/name", "other.example")).Status);
        var shown = await _application!.ResourceCommands.ExecuteCommandAsync("nginx", "show-config").WaitAsync(Deadline);
        Assert.True(shown.Success, shown.Message);
    }

    [Fact]
    public async Task Certificates_in_a_folder_and_hosts_of_a_game_server()
    {
        var stubs = await StubsAsync("api", "cdn", "locator");
        var certs = Certificates("fullchain.pem", "privkey.pem");

        // The AppHost.
        var nginx = _builder.AddNginx("nginx")
            .WithConfiguration(routes =>
            {
                routes.AddRoute(stubs["locator"]).WithMatchHosts("locator.game.example");
                routes.AddRoute(stubs["cdn"]).WithMatchHosts("cdn.game.example")
                    .WithOptions(route => route with { ResponseBuffering = false });
                routes.AddRoute(stubs["api"]);
            })
            .WithTls(tls => tls with { CertificateFile = $"{certs}/fullchain.pem", KeyFile = $"{certs}/privkey.pem" })
            .WithMaxRequestBodySize(100 * 1024 * 1024);

        await StartAsync();
        using var client = TestCertificate.Client(nginx.GetEndpoint("https").Port);
        foreach (var (host, expected) in new[] { ("locator.game.example", "locator"), ("cdn.game.example", "cdn"), ("10.0.0.7", "api") })
        {
            Assert.Equal((HttpStatusCode.OK, expected), await AskAsync(client, "/name", host));
            Assert.Equal((HttpStatusCode.OK, expected), await AskAsync(nginx, "/name", host));
        }
    }

    [Fact]
    public async Task Paths_of_an_api_gateway_with_https_and_certbot_in_production()
    {
        var stubs = await StubsAsync("chat", "users", "web");
        var certs = Certificates("fullchain.pem", "privkey.pem");
        var proofs = _folder["proofs"];
        var isProduction = true;

        // The AppHost.
        var nginx = _builder.AddNginx("nginx").WithConfiguration(routes =>
        {
            routes.AddRoute("/api/users/{**catch-all}", stubs["users"]).WithTransformPathRemovePrefix("/api/users");
            routes.AddRoute("/api/chat/{**catch-all}", stubs["chat"]).WithTransformPathRemovePrefix("/api/chat");
            routes.AddRoute(stubs["web"]);
        });
        if (isProduction)
        {
            nginx.WithTls(tls => tls with { CertificateFile = $"{certs}/fullchain.pem", KeyFile = $"{certs}/privkey.pem" })
                .WithHttpsRedirect()
                .WithAcmeChallenge(proofs);
        }

        Directory.CreateDirectory($"{proofs}/.well-known/acme-challenge");
        File.WriteAllText($"{proofs}/.well-known/acme-challenge/token", "proof");
        OpenToAll(_folder.Path, proofs, $"{proofs}/.well-known", $"{proofs}/.well-known/acme-challenge");
        await StartAsync();
        using var client = TestCertificate.Client(nginx.GetEndpoint("https").Port);
        Assert.Equal((HttpStatusCode.OK, "users"), await AskAsync(client, "/api/users/name", "www.example"));
        Assert.Equal((HttpStatusCode.OK, "chat"), await AskAsync(client, "/api/chat/name", "www.example"));
        Assert.Equal((HttpStatusCode.OK, "web"), await AskAsync(client, "/name", "www.example"));
        Assert.Equal(HttpStatusCode.TemporaryRedirect, (await AskAsync(nginx, "/api/users/name", "www.example")).Status);
        Assert.Equal((HttpStatusCode.OK, "proof"), await AskAsync(nginx, "/.well-known/acme-challenge/token", "www.example"));
    }

    [Fact]
    public async Task Both_replicas_of_a_project()
    {
        // The AppHost.
        var api = _builder.AddSample("api").WithHttpEndpoint().WithReplicas(2).WithHttpHealthCheck("/health");
        var nginx = _builder.AddNginx("nginx").WithReverseProxy("/", api).WaitFor(api);

        await StartAsync();
        await AssertAnswersAsync(nginx, processes: 2);
    }

    [Fact]
    public async Task A_published_webassembly_application()
    {
        var site = _folder["wwwroot"];
        Directory.CreateDirectory($"{site}/_framework");
        File.WriteAllText($"{site}/index.html", "<!doctype html>" + new string(' ', 2000));
        File.WriteAllText($"{site}/_framework/dotnet.wasm", new string('w', 2000));
        OpenToAll(_folder.Path, site, $"{site}/_framework");
        using var certificate = TestCertificate.Create();
        var stubs = await StubsAsync("api");

        // The AppHost.
        var nginx = _builder.AddNginx("nginx")
            .WithStaticFiles("/", site, files => files with { ImmutableFolders = ["_framework"] })
            .WithSpaFallback()
            .WithReverseProxy("/name", stubs["api"])
            .WithCompression()
            .WithSecurityHeaders(headers => headers with { FrameOptions = "DENY" })
            .WithTls()
            .WithHttpsRedirect()
            .WithHttpsCertificate(certificate);

        await StartAsync();
        using var client = TestCertificate.Client(nginx.GetEndpoint("https").Port);
        using var page = await client.GetAsync(new Uri("/fences/7", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_framework/dotnet.wasm")
        {
            Headers = { { "Accept-Encoding", "gzip" } },
        };
        using var wasm = await client.SendAsync(request);
        Assert.StartsWith("<!doctype html>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("DENY", page.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("application/wasm", wasm.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["gzip"], wasm.Content.Headers.ContentEncoding);
        Assert.Equal(TimeSpan.FromDays(365), wasm.Headers.CacheControl?.MaxAge);
        Assert.Equal((HttpStatusCode.OK, "api"), await AskAsync(client, "/name", "localhost"));
        Assert.Equal(HttpStatusCode.TemporaryRedirect, (await AskAsync(nginx, "/", "localhost")).Status);
    }

    [Fact]
    public async Task Five_copies_of_one_api_and_its_health_for_a_registry()
    {
        // The AppHost.
        var api = _builder.AddSample("api").WithHttpEndpoint().WithReplicas(5).WithHttpHealthCheck("/health");
        var nginx = _builder.AddNginx("nginx").WithReverseProxy("/", api).WithPrivatePaths("/alive", "/openapi").WaitFor(api);

        await StartAsync();
        await AssertAnswersAsync(nginx, processes: 5);
        Assert.Equal((HttpStatusCode.OK, "healthy"), await AskAsync(nginx, "/health", "localhost"));
    }

    [Fact]
    public async Task Three_programs_of_their_own_behind_one_name()
    {
        // The AppHost.
        string[] names = ["app1", "app2", "app3"];
        IResourceBuilder<ProjectResource>[] apps =
            [.. names.Select(name => _builder.AddSample(name).WithHttpEndpoint().WithHttpHealthCheck("/health"))];
        var nginx = _builder.AddNginx("nginx").WithReverseProxy("/", apps);
        _ = apps.Select(app => nginx.WaitFor(app)).ToArray();

        await StartAsync();
        await AssertAnswersAsync(nginx, processes: 3);
    }

    [Fact]
    public async Task A_fixed_answer_and_a_health_path_to_try_a_proxy_with()
    {
        // The AppHost.
        var nginx = _builder.AddNginx("nginx").WithConfiguration(routes =>
        {
            routes.AddResponse("/", 200, """{"service":"stub","status":"ok"}""", "application/json");
            routes.AddResponse("/health", 200, "healthy");
        });

        await StartAsync();
        Assert.Equal((HttpStatusCode.OK, """{"service":"stub","status":"ok"}"""), await AskAsync(nginx, "/any/path", "localhost"));
        Assert.Equal((HttpStatusCode.OK, "healthy"), await AskAsync(nginx, "/health", "localhost"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.StopAsync().WaitAsync(Deadline);
            await _application.DisposeAsync();
        }

        foreach (var stub in _stubs)
        {
            await stub.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(
        IResourceBuilder<NginxResource> nginx, string path, string host)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(nginx.Resource.PrimaryEndpoint.Url),
            Timeout = Deadline,
        };
        return await AskAsync(client, path, host);
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient client, string path, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks until so many processes have answered, which says that nginx balances over all of them.</summary>
    private static async Task AssertAnswersAsync(IResourceBuilder<NginxResource> nginx, int processes)
    {
        var pids = new ConcurrentDictionary<string, bool>();
        using var deadline = new CancellationTokenSource(Deadline);
        while (pids.Count < processes)
        {
            deadline.Token.ThrowIfCancellationRequested();
            var (status, pid) = await AskAsync(nginx, "/pid", "localhost");
            Assert.Equal(HttpStatusCode.OK, status);
            pids[pid] = true;
        }
    }

    /// <summary>Lets nginx's workers read folders.</summary>
    private static void OpenToAll(params string[] folders)
    {
        foreach (var folder in folders)
        {
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    private async Task<Dictionary<string, IResourceBuilder<FakeService>>> StubsAsync(params string[] names)
    {
        var services = new Dictionary<string, IResourceBuilder<FakeService>>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var stub = await Upstream.StartAsync(name);
            _stubs.Add(stub);
            var service = services[name] = _builder.AddResource(new FakeService(name));
            _builder.OnBeforeStart((start, _) =>
                ((ResourceNotificationService)start.Services.GetService(typeof(ResourceNotificationService))!).PublishUpdateAsync(
                    service.Resource, name, row => FakeService.Row(row, KnownResourceStates.Running, stub.Members)));
        }

        return services;
    }

    private string Certificates(string certificate, string key)
    {
        var pem = TestCertificate.CreatePem();
        _folder.WriteFile(certificate, pem.Certificate);
        _folder.WriteFile(key, pem.Key);
        return _folder.Path;
    }

    private async Task StartAsync()
    {
        _application = _builder.Build();
        await _application.StartAsync().WaitAsync(Deadline);
        await _application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
    }
}
