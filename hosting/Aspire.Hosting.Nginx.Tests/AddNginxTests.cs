using Aspire.Hosting.ApplicationModel;

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
        builder.AddNginx("nginx").WithHttpsEndpoint(port: 8443);
        await using var application = builder.Build();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => application.StartAsync());

        Assert.StartsWith(
            "nginx does not listen on the endpoint 'https' (https) of 'nginx'; remove it.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_a_resource_that_speaks_HTTP2_only()
    {
        var builder = TestApplication.CreateBuilder();
        builder.AddNginx("nginx").WithReverseProxy("/", builder.AddExecutable("api", "api", ".").WithHttpEndpoint().AsHttp2Service());
        await using var application = builder.Build();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => application.StartAsync());

        Assert.StartsWith("WithReverseProxy: 'api' speaks HTTP/2 only (AsHttp2Service)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_a_health_check_and_a_reload_command()
    {
        var nginx = Builder().AddNginx("nginx");

        Assert.Single(nginx.Resource.Annotations.OfType<HealthCheckAnnotation>());
        Assert.Contains(nginx.Resource.Annotations.OfType<ResourceCommandAnnotation>(), command => command.Name == "reload" && command.IconName == "ArrowSync");
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

        var cors = Assert.Throws<DistributedApplicationException>(() => nginx.WithCors(policy => policy.AllowAnyOrigin().AllowCredentials()));
        var page = Assert.Throws<DistributedApplicationException>(() => nginx.WithErrorPage("missing.html", 502));
        var folder = Assert.Throws<DistributedApplicationException>(() => nginx.WithConfigSnippets("missing"));

        Assert.StartsWith("The resource 'web' cannot be configured so. WithCors: AllowCredentials cannot go with AllowAnyOrigin", cors.Message, StringComparison.Ordinal);
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
        Assert.Throws<ArgumentException>(() => nginx.WithConfigSnippet(" "));
        Assert.Throws<ArgumentException>(() => nginx.WithNginxPath(""));
        Assert.Throws<ArgumentNullException>(() => NginxBuilderExtensions.AddNginx(null!, "nginx"));
    }

    private static IDistributedApplicationBuilder Builder() =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
}
