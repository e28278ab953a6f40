using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Deployment.Tests.Systemd;

namespace FlaskStack.Deployment.Tests.Kubernetes;

public class PublishTests
{
    private const string Step = "publish-kubernetes";

    [Fact]
    public async Task Writes_manifests_with_a_kustomization()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        files.AssertGolden("shop");
    }

    [Fact]
    public async Task Everything_keeps_the_rules_of_the_cluster()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        Assert.Empty(ManifestRules.Check(files));
    }

    [Fact]
    public async Task Writes_no_secret_anywhere()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            builder.Configuration["Parameters:db-password"] = "hunter2";
            builder.Configuration["Parameters:region"] = "north";
            Declare(builder);
        });

        Assert.All(files.Paths, path => Assert.DoesNotContain("hunter2", files[path], StringComparison.Ordinal));
        Assert.DoesNotContain("secret.example.yaml", files["kustomization.yaml"], StringComparison.Ordinal);
        Assert.DoesNotContain("parameters.yaml", files.Paths);
        Assert.Contains("value: north\n", files["api-deployment.yaml"], StringComparison.Ordinal);
        Assert.Empty(ManifestRules.Check(files));
    }

    [Fact]
    public async Task An_ingress_leads_to_nginx_which_needs_no_load_balancer_then()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            var nginx = builder.AddShop();
            builder.AddKubernetesTarget("kubernetes", cluster => cluster.RouteFromIngress(
                nginx.GetEndpoint("http"), host: "shop.example", className: "traefik", tlsSecret: "shop-certificate"));
        });

        Assert.Contains("type: ClusterIP\n", files["nginx-service.yaml"], StringComparison.Ordinal);
        Assert.Contains("host: shop.example\n", files["nginx-ingress.yaml"], StringComparison.Ordinal);
        Assert.Contains("secretName: shop-certificate\n", files["nginx-ingress.yaml"], StringComparison.Ordinal);
        Assert.Contains("ingressClassName: traefik\n", files["nginx-ingress.yaml"], StringComparison.Ordinal);
        // It knows the clients, and nginx believes it.
        Assert.Contains("value: 0.0.0.0/0\n", files["nginx-deployment.yaml"], StringComparison.Ordinal);
        Assert.Empty(ManifestRules.Check(files));
    }

    [Fact]
    public async Task A_single_replica_that_is_not_scaled_has_a_number_and_no_budget()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            builder.AddKubernetesTarget("kubernetes");
            builder.AddSmallProject("jobs");
        });

        Assert.Equal(["jobs-deployment.yaml", "jobs-network-policy.yaml", "jobs-service.yaml", "kustomization.yaml"], files.Paths);
        Assert.Contains("  replicas: 1\n", files["jobs-deployment.yaml"], StringComparison.Ordinal);
        Assert.DoesNotContain("Probe", files["jobs-deployment.yaml"], StringComparison.Ordinal);
        Assert.Empty(ManifestRules.Check(files));
    }

    [Fact]
    public async Task Projects_and_containers_find_each_other_by_their_services()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            builder.AddKubernetesTarget("kubernetes");
            var cache = builder.AddContainer("cache", "redis", "8")
                .WithEndpoint(targetPort: 6379, name: "tcp", scheme: "tcp")
                .WithEntrypoint("redis-server")
                .WithArgs("--save", "");
            var api = builder.AddSmallProject("api").WithEnvironment("Cache", cache.GetEndpoint("tcp"));
            builder.AddSmallProject("jobs").WithReference(api);
        });

        Assert.Contains("value: tcp://cache:6379\n", files["api-deployment.yaml"], StringComparison.Ordinal);
        Assert.Contains(
            "- name: services__api__http__0\n              value: http://api\n",
            files["jobs-deployment.yaml"],
            StringComparison.Ordinal);
        Assert.Contains(
            """
                      image: redis:8
                      args:
                        - --save
                        - ""
                      command:
                        - redis-server
                      imagePullPolicy: IfNotPresent

            """,
            files["cache-deployment.yaml"],
            StringComparison.Ordinal);
        Assert.Empty(ManifestRules.Check(files));
    }

    [Fact]
    public async Task Refuses_what_a_cluster_cannot_have()
    {
        Assert.Contains(
            "'tool' is an executable",
            await ErrorAsync(static builder => builder.AddExecutable("tool", "tool", ".")),
            StringComparison.Ordinal);
        Assert.Contains(
            "'db' has a volume or a mount",
            await ErrorAsync(static builder => builder.AddContainer("db", "postgres").WithVolume("data", "/data")),
            StringComparison.Ordinal);
        Assert.Contains("There is nothing to publish", await ErrorAsync(static _ => { }), StringComparison.Ordinal);
        Assert.Contains("An Ingress leads to 'api', which is not published", await PublishedFiles.ErrorAsync(Step, static builder =>
        {
            var api = builder.AddSmallProject("api").ExcludeFromManifest();
            builder.AddSmallProject("jobs");
            builder.AddKubernetesTarget("kubernetes", cluster => cluster.RouteFromIngress(api.GetEndpoint("http")));
        }), StringComparison.Ordinal);
    }

    [KubectlFact]
    public async Task Kubectl_builds_the_kustomization()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        var (code, output) = await Kubectl.RunAsync("kustomize", files.Folder);

        Assert.True(code == 0, output);
        Assert.Contains("image: registry.example.com/flaskstack-deployment-tests/api:latest", output, StringComparison.Ordinal);
    }

    private static void Declare(IDistributedApplicationBuilder builder)
    {
        builder.AddKubernetesTarget("kubernetes");
        builder.AddShop();
    }

    private static Task<string> ErrorAsync(Action<IDistributedApplicationBuilder> declare) => PublishedFiles.ErrorAsync(Step, builder =>
    {
        builder.AddKubernetesTarget("kubernetes");
        declare(builder);
    });
}
