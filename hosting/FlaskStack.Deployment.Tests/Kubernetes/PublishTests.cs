using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Deployment.Tests.Systemd;
using k8s.Models;

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
    public async Task A_pod_that_hangs_is_killed_at_once()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        Assert.All(
            ["api-deployment.yaml", "nginx-deployment.yaml"],
            file => Assert.Equal(1, Deployment(files, file).Spec.Template.Spec.Containers[0].LivenessProbe.TerminationGracePeriodSeconds));
    }

    [Fact]
    public async Task Nginx_tries_a_service_again_and_goes_to_another_pod_every_thousand_requests()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        var upstream = files["nginx-config.yaml"].Split("upstream api {")[1].Split("upstream")[0];
        Assert.Equal(3, upstream.Split("server \"${NGINX_UPSTREAM_API}\" ${NGINX_RESOLVE} max_fails=0;").Length - 1);
        Assert.Contains("keepalive_requests 1000;", upstream, StringComparison.Ordinal);
        Assert.Contains("set $retry_all http://api_new_connection;", files["nginx-config.yaml"], StringComparison.Ordinal);
        Assert.Contains("listen [::]:8080", files["nginx-config.yaml"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, null, 35, 25)]
    [InlineData(8, null, 13, 5)]
    [InlineData(30, 60, 70, 60)]
    public async Task Nginx_has_ended_its_workers_before_its_pod_is_killed(int stopSeconds, int? given, int grace, int shutdown)
    {
        using var files = await PublishedFiles.WriteAsync(Step, builder =>
        {
            builder.AddKubernetesTarget("kubernetes");
            builder.AddNginx("nginx").WithReverseProxy("/", builder.AddSmallProject("api"))
                .WithTimeouts(timeouts => timeouts with { Shutdown = given is { } time ? TimeSpan.FromSeconds(time) : null })
                .WithSupervisor(supervisor => supervisor with { StopWaitSeconds = stopSeconds });
        });

        Assert.Equal(grace, Deployment(files, "nginx-deployment.yaml").Spec.Template.Spec.TerminationGracePeriodSeconds);
        Assert.Contains($"worker_shutdown_timeout {shutdown}s;", files["nginx-config.yaml"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_reach_what_they_need_and_nginx_the_application_alone()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        var nginx = Read<V1NetworkPolicy>(files, "nginx-network-policy.yaml").Spec;
        Assert.Null(Assert.Single(nginx.Ingress).FromProperty);
        Assert.Equal([53, 53], nginx.Egress[0].Ports.Select(static port => int.Parse(port.Port.Value, CultureInfo.InvariantCulture)));
        Assert.NotNull(Assert.Single(nginx.Egress[1].To).PodSelector);
        var api = Read<V1NetworkPolicy>(files, "api-network-policy.yaml").Spec;
        Assert.NotNull(api.Egress[1].To[0].NamespaceSelector);
        Assert.Equal(["169.254.0.0/16"], api.Egress[1].To[1].IpBlock.Except);
    }

    [Fact]
    public async Task A_rollout_waits_and_a_node_can_be_emptied()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);

        var deployment = Deployment(files, "api-deployment.yaml").Spec;
        Assert.Equal((5, 2), (deployment.MinReadySeconds, deployment.Template.Spec.Containers[0].ReadinessProbe.FailureThreshold));
        Assert.Equal("AlwaysAllow", Read<V1PodDisruptionBudget>(files, "api-disruption-budget.yaml").Spec.UnhealthyPodEvictionPolicy);
        Assert.Equal("Local", Read<V1Service>(files, "nginx-service.yaml").Spec.ExternalTrafficPolicy);
        Assert.Null(Read<V1Service>(files, "api-service.yaml").Spec.ExternalTrafficPolicy);
    }

    [Theory]
    [InlineData("250m")]
    [InlineData("2")]
    public async Task Pods_request_the_processor_time_of_the_target(string cpu)
    {
        using var files = await PublishedFiles.WriteAsync(Step, builder =>
        {
            builder.AddKubernetesTarget("kubernetes", cluster => cluster.CpuRequest = cpu);
            builder.AddSmallProject("api");
        });

        Assert.Equal(cpu, Deployment(files, "api-deployment.yaml").Spec.Template.Spec.Containers[0].Resources.Requests["cpu"].ToString());
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
    public async Task A_gateway_of_the_cluster_leads_to_nginx_by_a_route_for_each_host()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            var http = builder.AddShop().WithTls().WithHttpsRedirect().GetEndpoint("http");
            builder.AddKubernetesTarget("kubernetes", cluster => cluster
                .RouteFromGateway(http, "public", "shop.example", gatewayNamespace: "gateways", listener: "https", endsTls: true)
                .RouteFromGateway(http, "internal", path: "/admin"));
        });

        Assert.Empty(ManifestRules.Check(files));
        Assert.EndsWith(
            """
            spec:
              parentRefs:
                - name: public
                  namespace: gateways
                  sectionName: https
              hostnames:
                - shop.example
              rules:
                - matches:
                    - path:
                        type: PathPrefix
                        value: /
                  backendRefs:
                    - name: nginx
                      port: 8080

            """,
            files["nginx-route.yaml"],
            StringComparison.Ordinal);
        Assert.Contains("value: /admin\n", files["nginx-2-route.yaml"], StringComparison.Ordinal);
        Assert.Contains("type: ClusterIP\n", files["nginx-service.yaml"], StringComparison.Ordinal);
        Assert.Contains("value: 0.0.0.0/0\n", files["nginx-deployment.yaml"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Projects_are_scaled_by_their_open_requests_too()
    {
        using var files = await PublishedFiles.WriteAsync(Step, static builder =>
        {
            builder.AddKubernetesTarget("kubernetes", static cluster => cluster.RequestsPerReplica = 20);
            builder.AddShop();
        });

        Assert.Empty(ManifestRules.Check(files));
        var metrics = Read<V2HorizontalPodAutoscaler>(files, "api-autoscaler.yaml").Spec.Metrics;
        Assert.Equal(["Resource", "Pods"], metrics.Select(static metric => metric.Type));
        Assert.Equal(
            ("http_server_active_requests", "20"),
            (metrics[1].Pods.Metric.Name, metrics[1].Pods.Target.AverageValue.ToString()));
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
        Assert.Contains("CpuRequest of 'kubernetes' is 'much'", await PublishedFiles.ErrorAsync(Step, static builder =>
        {
            builder.AddKubernetesTarget("kubernetes", static cluster => cluster.CpuRequest = "much");
            builder.AddSmallProject("api");
        }), StringComparison.Ordinal);
        Assert.Contains(
            "WithTls: TLS ends in front of nginx 'nginx' in 'kubernetes': add RouteFromIngress",
            await ErrorAsync(static builder => builder.AddNginx("nginx").WithTls()),
            StringComparison.Ordinal);
        Assert.Contains(
            "WithBasicAuth: nginx 'nginx' has no password in 'kubernetes'",
            await ErrorAsync(static builder => builder.AddNginx("nginx").WithBasicAuth("editor", builder.AddParameter("p", secret: true))),
            StringComparison.Ordinal);
        Assert.Contains("RequestsPerReplica of 'kubernetes' is 0", await PublishedFiles.ErrorAsync(Step, static builder =>
        {
            builder.AddKubernetesTarget("kubernetes", static cluster => cluster.RequestsPerReplica = 0);
            builder.AddSmallProject("api");
        }), StringComparison.Ordinal);
        Assert.Contains("Gateway 'public' leads to 'api', which is not published", await PublishedFiles.ErrorAsync(Step, static builder =>
        {
            var api = builder.AddSmallProject("api").ExcludeFromManifest();
            builder.AddSmallProject("jobs");
            builder.AddKubernetesTarget("kubernetes", cluster => cluster.RouteFromGateway(api.GetEndpoint("http"), "public"));
        }), StringComparison.Ordinal);
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

    [KubectlFact]
    public async Task An_overlay_names_the_image_of_a_release_as_the_documents_say()
    {
        using var files = await PublishedFiles.WriteAsync(Step, Declare);
        var overlay = Path.GetFullPath("../production", files.Folder);
        Directory.CreateDirectory(overlay);
        File.WriteAllText(
            Path.Join(overlay, "kustomization.yaml"),
            """
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: shop
            resources: [../out]
            images:
              - name: registry.example.com/flaskstack-deployment-tests/api
                digest: sha256:0123
            """);

        var (code, output) = await Kubectl.RunAsync("kustomize", overlay);

        Assert.True(code == 0, output);
        Assert.Contains("image: registry.example.com/flaskstack-deployment-tests/api@sha256:0123", output, StringComparison.Ordinal);
        Assert.Contains("  namespace: shop\n", output, StringComparison.Ordinal);
    }

    private static T Read<T>(PublishedFiles files, string file)
        where T : class => (T)(object)ManifestSchema.Read(files[file]).Manifest!;

    private static V1Deployment Deployment(PublishedFiles files, string file) => Read<V1Deployment>(files, file);

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
