using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.Nginx.Tests;
using FlaskStack.Deployment.Tests.Systemd;
using YamlDotNet.RepresentationModel;

namespace FlaskStack.Deployment.Tests.Kubernetes;

/// <summary>
/// The ConfigMap of nginx with the variables of its Deployment in their places, as the image's entry point puts them, in the real nginx.
/// </summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed partial class NginxConfigurationTests(NginxBinary binary) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Passes_nginxs_own_test_and_serves_the_api_under_the_name_the_client_asked_for()
    {
        using var files = await PublishedFiles.WriteAsync("publish-kubernetes", static builder =>
        {
            builder.AddKubernetesTarget("kubernetes");
            builder.AddShop();
        });
        await using var api = await ApiProcess.StartWithTestingAsync();
        var port = FreePort.Pick();
        WriteFiles(files, port, api.Address.Authority);

        using var nginx = Start();
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Deadline };
            var seen = await AskAsync(client, nginx);
            Assert.Equal("shop.example:8443", seen.GetProperty("host").GetString());
            // Nothing leads to nginx but clients, who are not believed.
            Assert.Equal("127.0.0.1", seen.GetProperty("client").GetString());
        }
        finally
        {
            await Signals.QuitAsync(nginx);
        }
    }

    public void Dispose() => _folder.Dispose();

    private void WriteFiles(PublishedFiles files, int port, string upstream)
    {
        var data = Parse(files["nginx-config.yaml"])["data"];
        var container = Parse(files["nginx-deployment.yaml"])["spec"]["template"]["spec"]["containers"][0];
        var variables = ((YamlSequenceNode)container["env"])
            .ToDictionary(static variable => Text(variable["name"]), static variable => Text(variable["value"]));
        // The entry point finds out the name servers; here none is asked.
        variables["NGINX_LOCAL_RESOLVERS"] = "127.0.0.1";
        // In a pod only nginx itself has this address; here the client does.
        Assert.Equal("127.0.0.1", variables["NGINX_TRUSTED_PROXY"]);
        variables["NGINX_TRUSTED_PROXY"] = "192.0.2.1";
        Assert.Equal("api:80", variables["NGINX_UPSTREAM_API"]);
        variables["NGINX_UPSTREAM_API"] = upstream;
        var expanded = Placeholder().Replace(Text(data["templates-nginx.conf.template"]), match => variables[match.Groups[1].Value]);

        Directory.CreateDirectory(_folder["tmp"]);
        _folder.WriteFile("nginx.conf", (Environment.IsPrivilegedProcess ? "user root;\n" : "") + expanded
            .Replace("listen *:8080", $"listen 127.0.0.1:{port}", StringComparison.Ordinal)
            // This first: the folder of the test is in it.
            .Replace("/tmp/", $"{_folder["tmp"]}/", StringComparison.Ordinal)
            .Replace("/etc/nginx/", $"{_folder.Path}/", StringComparison.Ordinal));
        foreach (var (key, path) in new[] { ("pages-1.html", "pages/1.html"), ("snippets-1.conf", "snippets/1.conf") })
        {
            Directory.CreateDirectory(_folder[Path.GetDirectoryName(path)!]);
            _folder.WriteFile(path, Text(data[key]));
        }
    }

    private Process Start() =>
        Process.Start(binary.Command(["-e", "stderr", "-p", _folder.Path, "-c", _folder["nginx.conf"], "-g", "daemon off;"]))!;

    /// <summary>Whether nginx listens yet is told by connecting to it alone.</summary>
    private static async Task<JsonElement> AskAsync(HttpClient client, Process nginx)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!nginx.HasExited)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/testing/headers") { Headers = { Host = "shop.example:8443" } };
                request.Headers.Add("X-Forwarded-For", "203.0.113.7");
                using var answer = await client.SendAsync(request, deadline.Token);
                return JsonElement.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(deadline.Token));
            }
            catch (HttpRequestException exception) when (exception.StatusCode is null)
            {
                await Task.Yield();
            }
        }

        throw new InvalidOperationException("nginx ended at once.");
    }

    private static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    [GeneratedRegex(@"\$\{(NGINX_[A-Z_]+)\}")]
    private static partial Regex Placeholder();
}
