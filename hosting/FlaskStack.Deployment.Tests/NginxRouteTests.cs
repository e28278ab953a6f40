using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Tests;

namespace FlaskStack.Deployment.Tests;

/// <summary>Routes, canaries and sticky sessions of nginx in each kind of deployment.</summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class NginxRouteTests(NginxBinary binary) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_sites_of_two_applications_pass_nginxs_own_test_together()
    {
        var sites = "";
        foreach (var (application, port) in new[] { ("shop", 8081), ("shop-two", 8082) })
        {
            using var files = await PublishedFiles.WriteAsync("publish-systemd", builder =>
            {
                builder.AddSystemdTarget("systemd", server => server.ApplicationName = application);
                Declare(builder, port).WithStickySessions();
            });
            var site = files[$"etc/nginx/sites-available/{application}.conf"];
            Assert.Contains($"proxy_pass http://${application.Replace('-', '_')}_sticky_", site, StringComparison.Ordinal);
            Assert.Contains(
                $"split_clients \"$request_id /api\" ${application.Replace('-', '_')}_canary_2 {{", site, StringComparison.Ordinal);
            Assert.Contains("server_name *.b.example a.example;", site, StringComparison.Ordinal);
            sites += site;
        }

        Directory.CreateDirectory(_folder["temp"]);
        var configuration = _folder.WriteFile("nginx.conf", $"events {{}}\npid {_folder["pid"]};\nhttp {{\n{sites}}}\n");
        var start = binary.Command(["-t", "-q", "-e", "stderr", "-p", _folder.Path, "-c", configuration]);
        start.RedirectStandardError = true;
        using var nginx = System.Diagnostics.Process.Start(start)!;
        // Of the many variables of two sites nginx says that their hash is not the best there could be.
        var output = await nginx.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(output.Contains("[emerg]", StringComparison.Ordinal), output);
        await nginx.WaitForExitAsync();
        Assert.Equal(0, nginx.ExitCode);
    }

    [Fact]
    public async Task A_cluster_has_the_routes_and_refuses_sticky_sessions()
    {
        using var files = await PublishedFiles.WriteAsync("publish-kubernetes", static builder =>
        {
            builder.AddKubernetesTarget("kubernetes");
            Declare(builder, null);
        });
        var error = await PublishedFiles.ErrorAsync("publish-kubernetes", static builder =>
        {
            builder.AddKubernetesTarget("kubernetes");
            Declare(builder, null).WithStickySessions();
        });

        Assert.Contains("split_clients \"$request_id /api\" $canary_2 {", files["nginx-config.yaml"], StringComparison.Ordinal);
        Assert.Contains("NGINX_UPSTREAM_NEXT", files["nginx-deployment.yaml"], StringComparison.Ordinal);
        Assert.Contains(
            "WithStickySessions of 'nginx' has no effect in Kubernetes, which selects the replica itself: leave it out there",
            error,
            StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static IResourceBuilder<NginxResource> Declare(IDistributedApplicationBuilder builder, int? port)
    {
        var (api, next) = (builder.AddSmallProject("api").WithReplicas(2), builder.AddSmallProject("next"));
        return builder.AddNginx("nginx", port)
            .WithConfiguration(routes =>
            {
                routes.AddRoute(api).WithMatchHosts("a.example", "*.b.example");
                routes.AddRoute("/api", api)
                    .WithTransformPathRemovePrefix("/api")
                    .WithTransformRequestHeader("X-The-Longest-Name-Of-A-Header-There-Is-", "$1");
                routes.AddRoute("/api", next).WithMatchMethods("POST").WithTransformResponseHeader("X-Cost", "$2");
                routes.AddRedirect("/old", "/new");
                routes.AddResponse("/ping", 200, "{\"$schema\":\"\"}", "application/json");
            })
            .WithCanary("/api", next, percent: 12.5);
    }
}
