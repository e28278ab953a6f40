using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

public class AddNginxTests
{
    [Fact]
    public void Listens_itself_on_the_given_port()
    {
        var nginx = Builder().AddNginx("nginx", port: 8080);

        var endpoint = Assert.Single(nginx.Resource.Annotations.OfType<EndpointAnnotation>());
        Assert.Equal(("http", "http", "localhost"), (endpoint.Name, endpoint.UriScheme, endpoint.TargetHost));
        Assert.Equal((8080, 8080, false), (endpoint.Port, endpoint.TargetPort, endpoint.IsProxied));
        Assert.Same(nginx.Resource, nginx.Resource.PrimaryEndpoint.Resource);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65_536)]
    public void Rejects_what_is_no_port(int port) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Builder().AddNginx("nginx", port));

    [Fact]
    public void Listens_on_the_host_port_that_was_set_last()
    {
        var builder = Builder();
        var nginx = builder.AddNginx("nginx", port: 8080).WithHostPort(8081).WithHostPort(8081);
        var any = builder.AddNginx("any", port: 8080).WithHostPort(null);

        var endpoint = nginx.Resource.PrimaryEndpoint.EndpointAnnotation;
        Assert.Equal((8081, 8081), (endpoint.Port, endpoint.TargetPort));
        Assert.Null(any.Resource.PrimaryEndpoint.EndpointAnnotation.Port);
        Assert.Throws<ArgumentOutOfRangeException>(() => any.WithHostPort(65_536));
        Assert.Equal(
            "AddNginx: 'nginx' has port 8081 already; give 'any' another.",
            Assert.Throws<DistributedApplicationException>(() => any.WithHostPort(8081)).Message);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("Auto", NginxMode.Auto)]
    [InlineData("process", NginxMode.Process)]
    [InlineData("CONTAINER", NginxMode.Container)]
    public void The_mode_is_one_of_three(string? value, object? mode) => Assert.Equal((NginxMode?)mode, NginxModes.Parse(value));

    [Fact]
    public void Rejects_what_is_no_mode() => Assert.Equal(
        "Nginx:Mode is \"docker\"; it must be auto, process or container.",
        Assert.Throws<DistributedApplicationException>(() => NginxModes.Parse("docker")).Message);

    [Fact]
    public void A_canary_can_be_an_endpoint_or_a_service_outside()
    {
        var builder = Builder();
        var api = builder.AddResource(new FakeService("api")).WithHttpEndpoint(name: "admin");
        var geo = builder.AddExternalService("geo", "https://geo.example.com");
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", api).WithReverseProxy("/geo", api)
            .WithCanary("/", api.GetEndpoint("admin"), 5)
            .WithCanary("/geo", geo, 10, canary => canary with { StickyClients = false });

        var options = nginx.Resource.Annotations.OfType<NginxAnnotation>().Single();
        Assert.Equal(
            [new("api_admin", 5, new NginxCanaryOptions().StickyClients), new("geo", 10, false)],
            options.Configuration.Routes.Select(static route => route.Canary));
        Assert.Equal(["api", "api_admin"], options.Sources.Select(static source => source.Name));
        Assert.Equal(["geo"], options.Externals.Select(static external => external.Name));
        Assert.Throws<DistributedApplicationException>(() => nginx.WithCanary("/none", geo, 5));
    }

    [Fact]
    public void A_cluster_is_one_upstream_of_several_resources()
    {
        var builder = Builder();
        IResourceBuilder<FakeService>[] apps = [builder.AddResource(new FakeService("app1")), builder.AddResource(new FakeService("app2"))];
        var other = builder.AddResource(new FakeService("other"));
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", apps).WithConfiguration(routes =>
        {
            Assert.Throws<ArgumentException>(() => routes.AddCluster("no name", apps));
            Assert.Throws<ArgumentException>(() => routes.AddCluster("none", Array.Empty<EndpointReference>()));
            routes.AddRoute("/other", routes.AddCluster("other", [.. apps]));
            Assert.Throws<ArgumentException>(() => routes.AddCluster("other", apps));
        });

        var options = nginx.Resource.Annotations.OfType<NginxAnnotation>().Single();
        Assert.Equal(["app1-app2", "app1-app2", "other", "other"], options.Sources.Select(static source => source.Name));
        Assert.Equal(["app1-app2", "other"], options.Configuration.Routes.Select(static route => route.Upstream));
        ModelCheck.CheckClusters(options);
        nginx.WithReverseProxy("/third", other);
        Assert.StartsWith(
            "AddCluster: 'other' is the name of a resource behind nginx too",
            Assert.Throws<DistributedApplicationException>(() => ModelCheck.CheckClusters(options)).Message,
            StringComparison.Ordinal);
        apps[0].WithHttpsEndpoint(name: "tls");
        nginx.WithConfiguration(routes => routes.AddRoute(
            "/mixed", routes.AddCluster("mixed", apps[0].GetEndpoint("tls"), apps[1].GetEndpoint("http"))));
    }

    [Theory]
    [InlineData("least_conn", NginxLoadBalancing.LeastConnections)]
    [InlineData("leastrequests", NginxLoadBalancing.LeastConnections)]
    [InlineData("PowerOfTwoChoices", NginxLoadBalancing.PowerOfTwoChoices)]
    [InlineData("FirstAlphabetical", null)]
    public void A_policy_has_the_names_of_YARP_and_nginx(string name, NginxLoadBalancing? policy)
    {
        var nginx = Builder().AddNginx("nginx");

        if (policy is null)
        {
            Assert.StartsWith(
                $"WithLoadBalancingPolicy: nginx has no policy \"{name}\"",
                Assert.Throws<DistributedApplicationException>(() => nginx.WithLoadBalancingPolicy(name)).Message,
                StringComparison.Ordinal);
            Assert.Throws<DistributedApplicationException>(() => nginx.WithLoadBalancingPolicy((NginxLoadBalancing)9));
            return;
        }

        nginx.WithLoadBalancingPolicy(name);
        Assert.Equal(policy, nginx.Resource.Annotations.OfType<NginxAnnotation>().Single().Configuration.Upstream.LoadBalancing);
    }

    [Fact]
    public void Rejects_a_port_that_another_nginx_has()
    {
        var builder = Builder();
        builder.AddNginx("one", port: 8080);
        builder.AddNginx("any").WithServerName("example.com");
        builder.AddNginx("another");

        var error = Assert.Throws<DistributedApplicationException>(() => builder.AddNginx("two", port: 8080));

        Assert.Equal("AddNginx: 'one' has port 8080 already; give 'two' another.", error.Message);
    }

    [Fact]
    public async Task Rejects_an_endpoint_that_nobody_would_listen_on()
    {
        var builder = TestApplication.CreateBuilder();
        builder.AddNginx("nginx").WithHttpEndpoint(port: 8443, name: "admin");
        await using var application = builder.Build();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => application.StartAsync());

        Assert.StartsWith(
            "nginx does not listen on the endpoint 'admin' (http) of 'nginx'; remove it.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_a_health_check_and_a_reload_command()
    {
        var nginx = Builder().AddNginx("nginx");

        Assert.Single(nginx.Resource.Annotations.OfType<HealthCheckAnnotation>());
        Assert.Contains(
            nginx.Resource.Annotations.OfType<ResourceCommandAnnotation>(),
            command => command.Name == "reload" && command.IconName == "ArrowSync");
    }

    [Fact]
    public void Relates_to_the_resources_behind_it()
    {
        var builder = Builder();
        var api = builder.AddResource(new FakeService("api"));

        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", api).WithReverseProxy("/again", api);

        Assert.Same(api.Resource, Assert.Single(nginx.Resource.Annotations.OfType<ResourceRelationshipAnnotation>()).Resource);
    }

    [Fact]
    public void Says_at_once_what_is_wrong_with_an_option()
    {
        var nginx = Builder().AddNginx("web");

        var cors = Assert.Throws<DistributedApplicationException>(
            () => nginx.WithCors(policy => policy.AllowAnyOrigin().AllowCredentials()));
        var page = Assert.Throws<DistributedApplicationException>(() => nginx.WithErrorPage("missing.html", 502));
        var folder = Assert.Throws<DistributedApplicationException>(() => nginx.WithConfigSnippets("missing"));

        Assert.StartsWith(
            "The resource 'web' cannot be configured so. WithCors: AllowCredentials cannot go with AllowAnyOrigin",
            cors.Message,
            StringComparison.Ordinal);
        Assert.Contains("missing.html cannot be read", page.Message, StringComparison.Ordinal);
        Assert.Contains("missing does not exist", folder.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Guards_its_arguments()
    {
        var nginx = Builder().AddNginx("nginx");

        Assert.Throws<ArgumentNullException>(() => nginx.WithReverseProxy("/", (IResourceBuilder<IResourceWithEndpoints>)null!));
        Assert.Throws<ArgumentNullException>(() => nginx.WithReverseProxy("/", (IResourceBuilder<ExternalServiceResource>)null!));
        Assert.Throws<ArgumentNullException>(() => nginx.WithCors(null!));
        Assert.Throws<ArgumentNullException>(() => nginx.WithTimeouts(null!));
        Assert.Throws<ArgumentNullException>(() => nginx.WithServerName(null!));
        Assert.Throws<ArgumentException>(() => nginx.WithServerSnippet(" "));
        Assert.Throws<ArgumentException>(() => nginx.WithNginxPath(""));
        Assert.Throws<ArgumentNullException>(() => NginxBuilderExtensions.AddNginx(null!, "nginx"));
    }

    private static IDistributedApplicationBuilder Builder() =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
}
