using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Processes;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Nginx.Rendering;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>
/// Runs what is published of nginx as its image would: variables in their places, the real nginx, the real service behind it.
/// </summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed partial class PublishedNginxTests(NginxBinary binary) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Serves_the_api()
    {
        await using var api = await ApiProcess.StartAsync();
        await using var nginx = await StartAsync(api.Address.Authority, trusted: "127.0.0.1");

        using var home = await nginx.Client.GetAsync(new Uri("/", UriKind.Relative));
        using var called = await nginx.Client.PostAsync(
            new Uri("/server", UriKind.Relative), new StringContent("""{"data":{"a":1}}""", Encoding.UTF8, "application/json"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (home.StatusCode, called.StatusCode));
        Assert.Equal("*", Assert.Single(called.Headers.GetValues("Access-Control-Allow-Origin")));
        await api.KillAsync();
        using var gone = await nginx.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadGateway, gone.StatusCode);
        Assert.Contains("<html", await gone.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("*", Assert.Single(gone.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Asks_for_the_upstream_by_its_own_name_and_believes_the_ingress_alone()
    {
        await using var service = await EchoAsync();
        var address = new Uri(service.Urls.Single());
        await using var behindIngress = await StartAsync(address.Authority, trusted: NginxVariables.Everybody);
        await using var open = await StartAsync(address.Authority, trusted: "192.0.2.1");

        var believed = await HeadersAsync(behindIngress);
        var claimed = await HeadersAsync(open);

        Assert.Equal(
            ("api.internal.example", "https", "203.0.113.7"),
            (believed["Host"], believed["X-Forwarded-Proto"], believed["X-Forwarded-For"]));
        Assert.Equal(
            ("api.internal.example", "http", "127.0.0.1"),
            (claimed["Host"], claimed["X-Forwarded-Proto"], claimed["X-Forwarded-For"]));
        Assert.Equal("shop.example", believed["X-Forwarded-Host"]);
    }

    [Fact]
    public void Refers_to_nothing_of_this_machine()
    {
        var template = Encoding.UTF8.GetString(
            NginxImage.FilesFor(Model().Resource).Single(file => file.Path == NginxImage.TemplateFile).Content);

        Assert.DoesNotContain(_folder.Path, template, StringComparison.Ordinal);
        Assert.DoesNotContain("unix:", template, StringComparison.Ordinal);
        Assert.DoesNotContain("daemon", template, StringComparison.Ordinal);
        Assert.Equal(
            ["NGINX_HOST_API", "NGINX_LOCAL_RESOLVERS", "NGINX_RESOLVE", "NGINX_TRUSTED_PROXY", "NGINX_UPSTREAM_API"],
            Placeholder().Matches(template).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Prepares_the_same_folder_again_without_what_is_gone()
    {
        Directory.CreateDirectory(_folder["snippets"]);
        File.WriteAllText(_folder["snippets/a.conf"], "etag off;");
        var (folder, dockerfile) = (_folder["context"], _folder["Dockerfile"]);
        File.WriteAllText(dockerfile, "FROM nginx");
        BuildContext.Write(folder, dockerfile, Model().Resource);
        var written = TemporaryFolder.FilesIn(folder).Keys;
        var time = File.GetLastWriteTimeUtc(Path.Join(folder, "Dockerfile"));
        File.WriteAllText(Path.Join(folder, "nginx", "stray"), "");

        BuildContext.Write(folder, dockerfile, Model().Resource);

        Assert.Equal(["Dockerfile", "nginx/pages/1.html", "nginx/snippets/1.conf", "nginx/templates/nginx.conf.template"], written);
        Assert.Equal(written, TemporaryFolder.FilesIn(folder).Keys);
        Assert.Equal(time, File.GetLastWriteTimeUtc(Path.Join(folder, "Dockerfile")));
    }

    [Fact]
    public void Wants_the_dockerfile_to_exist()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => Model().PublishWithDockerfile("missing/Dockerfile"));

        Assert.Contains(_folder["missing/Dockerfile"], error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<WebApplication> EchoAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.Map("/headers", (HttpRequest request) =>
            Results.Json(request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString())));
        await application.StartAsync();
        return application;
    }

    private static async Task<Dictionary<string, string>> HeadersAsync(Running nginx)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/headers")
        {
            Headers = { Host = "shop.example" },
        };
        request.Headers.Add("X-Forwarded-For", "198.51.100.1, 203.0.113.7");
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var response = await nginx.Client.SendAsync(request);
        return JsonSerializer.Deserialize<Dictionary<string, string>>(await response.Content.ReadAsStringAsync())!;
    }

    private IResourceBuilder<NginxResource> Model()
    {
        Directory.CreateDirectory(_folder["snippets"]);
        File.WriteAllText(_folder["50x.html"], "<html>Sorry.</html>");
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--operation", "publish"],
            DisableDashboard = true,
            ProjectDirectory = _folder.Path,
        });
        return builder.AddNginx("nginx", port: 9999)
            .WithReverseProxy("/", builder.AddSmallProject("api"))
            .WithCors(cors => cors.AllowAnyOrigin().WithMethods("GET"))
            .WithErrorPage("50x.html", 502)
            .WithConfigSnippets("snippets");
    }

    /// <summary>Does what the entry point of nginx's image does.</summary>
    private async Task<Running> StartAsync(string upstream, string trusted)
    {
        var variables = new Dictionary<string, string>
        {
            ["NGINX_UPSTREAM_API"] = upstream,
            ["NGINX_HOST_API"] = "api.internal.example",
            ["NGINX_TRUSTED_PROXY"] = trusted,
            ["NGINX_LOCAL_RESOLVERS"] = "127.0.0.1",
            // Older ones know no other value.
            ["NGINX_RESOLVE"] = string.Empty,
        };
        var folder = Directory.CreateDirectory(_folder[Path.GetRandomFileName()]).FullName;
        foreach (var file in NginxImage.FilesFor(Model().Resource))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(folder, file.Path))!);
            File.WriteAllBytes(Path.Join(folder, file.Path), file.Content);
        }

        var port = Ports.PickUnused(["127.0.0.1"]);
        var text = Placeholder()
            .Replace(File.ReadAllText(Path.Join(folder, NginxImage.TemplateFile)), match => variables[match.Groups[1].Value])
            .Replace(" /tmp/", $" {folder}/", StringComparison.Ordinal)
            .Replace("/etc/nginx", folder, StringComparison.Ordinal)
            .Replace("*:8080", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), StringComparison.Ordinal);
        var configuration = Path.Join(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, text);
        return await Running.StartAsync(binary, folder, configuration, port);
    }

    [GeneratedRegex(@"\$\{([A-Z0-9_]+)\}")]
    private static partial Regex Placeholder();

    private sealed class Running : IAsyncDisposable
    {
        private readonly Process _process;

        private Running(Process process, int port)
        {
            _process = process;
            Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null })
            {
                BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
                Timeout = Deadline,
            };
        }

        public HttpClient Client { get; }

        public static async Task<Running> StartAsync(NginxBinary binary, string folder, string configuration, int port)
        {
            // Its workers would not be allowed into the folder as somebody else.
            var user = Environment.IsPrivilegedProcess ? " user root;" : string.Empty;
            string[] arguments = ["-e", "stderr", "-p", folder, "-c", configuration, "-g", $"daemon off;{user}"];
            using var test = Start(binary, [.. arguments, "-t"]);
            var said = await test.StandardError.ReadToEndAsync().WaitAsync(Deadline);
            await test.WaitForExitAsync().WaitAsync(Deadline);
            Assert.True(test.ExitCode == 0 && !said.Contains("[warn]", StringComparison.Ordinal), said);

            var running = new Running(Start(binary, arguments), port);
            await running.WaitUntilHealthyAsync();
            return running;
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await Signals.QuitAsync(_process);

            _process.Dispose();
        }

        private static Process Start(NginxBinary binary, IEnumerable<string> arguments)
        {
            var start = binary.Command(arguments);
            start.RedirectStandardError = true;
            return Process.Start(start)!;
        }

        /// <summary>Whether nginx listens yet is told by connecting to it alone.</summary>
        private async Task WaitUntilHealthyAsync()
        {
            using var deadline = new CancellationTokenSource(Deadline);
            while (!deadline.IsCancellationRequested)
            {
                Assert.False(_process.HasExited, "nginx ended at once");
                try
                {
                    Assert.Equal(
                        "healthy\n",
                        await Client.GetStringAsync(new Uri(NginxConfiguration.HealthPath, UriKind.Relative), deadline.Token));
                    return;
                }
                catch (HttpRequestException)
                {
                    await Task.Yield();
                }
            }

            Assert.Fail("nginx did not become healthy");
        }
    }
}
