using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.Nginx.Tests;

namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>The published site in the real nginx, under an nginx.conf such as Debian's, with the real service behind it.</summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class SiteTests(NginxBinary binary) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Passes_nginxs_own_test_and_serves_the_replicas_there_are()
    {
        using var files = await PublishAsync();
        var port = FreePort.Pick();
        var configuration = WriteConfiguration(files, port);
        await using var first = await StartReplicaAsync(1);
        await using var second = await StartReplicaAsync(2);

        Assert.Equal(0, await RunAsync("-t", "-q", "-c", configuration));
        using var nginx = Start("-c", configuration);
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Deadline };
            await WaitUntilServedAsync(client, nginx);
            using var called = await client.PostAsync(
                new Uri("/server", UriKind.Relative),
                new StringContent("""{"data":"x"}""", Encoding.UTF8, "application/json"));
            Assert.Equal("x", await called.Content.ReadAsStringAsync());
            Assert.Equal("*", Assert.Single(called.Headers.GetValues("Access-Control-Allow-Origin")));

            // One replica has never been there, and now another goes: nobody notices.
            await first.KillAsync();
            for (var request = 0; request < 20; request++)
            {
                using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }

            await second.KillAsync();
            using var gone = await client.GetAsync(new Uri("/", UriKind.Relative));
            Assert.Equal(
                (HttpStatusCode.BadGateway, true),
                (gone.StatusCode, (await gone.Content.ReadAsStringAsync()).Contains("Sorry", StringComparison.Ordinal)));
        }
        finally
        {
            await Signals.QuitAsync(nginx);
        }
    }

    [Fact]
    public async Task Two_applications_share_one_nginx_and_each_has_its_own_rules()
    {
        using var shop = await PublishAsync();
        using var other = await PublishedFiles.WriteAsync("publish-systemd", static builder =>
        {
            builder.AddSystemdTarget("systemd", static server => server.ApplicationName = "shop-two");
            var api = builder.AddSmallProject("api").WithReplicas(2);
            builder.AddNginx("nginx", 8081)
                .WithReverseProxy("/", api)
                .WithReverseProxy("/admin", api)
                .WithCors(cors => cors.AllowAnyOrigin().WithMethods("PUT").WithHeaders("X-Other"))
                .WithRequestLimits(limits => limits with { RequestsPerSecond = 1000 });
        });
        var (port, otherPort) = (FreePort.Pick(), FreePort.Pick());
        var configuration = WriteConfiguration(shop, port);
        File.AppendAllText(_folder["site.conf"], other["etc/nginx/sites-available/shop-two.conf"]
            .Replace("    listen [::]:8081 default_server backlog=4096;\n", "", StringComparison.Ordinal)
            .Replace("    listen [::1]:8081 default_server backlog=4096;\n", "", StringComparison.Ordinal)
            .Replace("listen 127.0.0.1:8081", $"listen 127.0.0.1:{otherPort}", StringComparison.Ordinal)
            .Replace("/run/shop-two/", $"{_folder.Path}/", StringComparison.Ordinal));
        await using var replica = await StartReplicaAsync(1);

        Assert.Equal(0, await RunAsync("-t", "-q", "-c", configuration));
        using var nginx = Start("-c", configuration);
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Deadline };
            await WaitUntilServedAsync(client, nginx);
            Assert.Equal("GET, POST", await AllowedMethodsAsync(client, port));
            Assert.Equal("PUT", await AllowedMethodsAsync(client, otherPort));
        }
        finally
        {
            await Signals.QuitAsync(nginx);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> AllowedMethodsAsync(HttpClient client, int port)
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, new Uri($"http://127.0.0.1:{port}/"));
        preflight.Headers.Add("Origin", "https://page.example");
        preflight.Headers.Add("Access-Control-Request-Method", "PUT");
        using var answer = await client.SendAsync(preflight);
        return string.Join(", ", answer.Headers.GetValues("Access-Control-Allow-Methods"));
    }

    private static Task<PublishedFiles> PublishAsync() => PublishedFiles.WriteAsync("publish-systemd", static builder =>
    {
        builder.AddSystemdTarget("systemd", static server => server.ApplicationName = "shop");
        builder.AddShop();
    });

    /// <summary>Debian's nginx.conf as far as a site can meet it, and the site at places of this test's own.</summary>
    private string WriteConfiguration(PublishedFiles files, int port)
    {
        var site = files["etc/nginx/sites-available/shop.conf"]
            .Replace("    listen [::]:8080 default_server backlog=4096;\n", "", StringComparison.Ordinal)
            .Replace("listen *:8080", $"listen 127.0.0.1:{port}", StringComparison.Ordinal)
            .Replace("/etc/nginx/shop/", $"{files.Folder}/etc/nginx/shop/", StringComparison.Ordinal)
            .Replace("/run/shop/", $"{_folder.Path}/", StringComparison.Ordinal);
        Assert.DoesNotContain("8080", site, StringComparison.Ordinal);
        _folder.WriteFile("site.conf", site);
        return _folder.WriteFile("nginx.conf", $$"""
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            daemon off;
            worker_processes 2;
            pid {{_folder["nginx.pid"]}};
            error_log stderr crit;
            events {
                worker_connections 768;
            }
            http {
                client_body_temp_path {{_folder["body"]}};
                proxy_temp_path {{_folder["proxy"]}};
                fastcgi_temp_path {{_folder["fastcgi"]}};
                uwsgi_temp_path {{_folder["uwsgi"]}};
                scgi_temp_path {{_folder["scgi"]}};
                sendfile on;
                tcp_nopush on;
                types_hash_max_size 2048;
                default_type application/octet-stream;
                access_log {{_folder["access.log"]}};
                gzip on;
                include {{_folder["site.conf"]}};
                server {
                    listen 127.0.0.1:{{port}};
                    server_name another.example;
                    return 204;
                }
            }

            """);
    }

    private Task<ApiProcess> StartReplicaAsync(int number)
    {
        var folder = Directory.CreateDirectory(_folder[$"api-{number}"]).FullName;
        return ApiProcess.StartAsync($"http://unix:{folder}/http.sock");
    }

    private Process Start(params string[] arguments) =>
        Process.Start(binary.Command(["-e", "stderr", "-p", _folder.Path, .. arguments]))!;

    private async Task<int> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return process.ExitCode;
    }

    /// <summary>Whether nginx listens yet is told by connecting to it alone.</summary>
    private static async Task WaitUntilServedAsync(HttpClient client, Process nginx)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!deadline.IsCancellationRequested)
        {
            Assert.False(nginx.HasExited, "nginx ended at once");
            try
            {
                using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), deadline.Token);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Yield();
            }
        }

        Assert.Fail("nginx did not serve");
    }
}
