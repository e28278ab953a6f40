using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class WithEndpointTests
{
    private readonly IDistributedApplicationBuilder _builder = Model.Create();

    [Fact]
    public void A_second_call_changes_only_what_it_gives()
    {
        var app = App().WithHttpEndpoint(port: 5000, name: "web").WithHttpEndpoint(targetPort: 80, name: "WEB");

        var endpoint = Assert.Single(app.Resource.Annotations.OfType<EndpointAnnotation>());
        Assert.Equal(5000, endpoint.Port);
        Assert.Equal(80, endpoint.TargetPort);
    }

    [Fact]
    public void One_name_for_two_schemes_is_refused()
    {
        var app = App().WithHttpEndpoint(name: "web");

        var error = Assert.Throws<DistributedApplicationException>(() => app.WithHttpsEndpoint(name: "web"));

        Assert.Contains("'web'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_port_outside_the_range_is_refused(int port) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => App().WithHttpEndpoint(port: port));

    [Fact]
    public async Task The_process_learns_its_port_in_a_variable()
    {
        var app = App().WithHttpEndpoint(env: "PORT");
        Model.Allocate(app, "http", 5123);

        Assert.Equal("5123", (await Model.EnvironmentOf(_builder, app.Resource))["PORT"]);
    }

    [Fact]
    public async Task The_last_variable_for_the_port_counts()
    {
        var app = App().WithHttpEndpoint(env: "OLD").WithHttpEndpoint(env: "PORT");
        Model.Allocate(app, "http", 5123);

        var environment = await Model.EnvironmentOf(_builder, app.Resource);

        Assert.Equal("5123", environment["PORT"]);
        Assert.DoesNotContain("OLD", environment.Keys);
    }

    [Fact]
    public void Only_http_endpoints_become_external()
    {
        var app = App().WithHttpEndpoint().WithEndpoint(name: "raw").WithExternalHttpEndpoints();

        Assert.True(app.GetEndpoint("http").EndpointAnnotation.IsExternal);
        Assert.False(app.GetEndpoint("raw").EndpointAnnotation.IsExternal);
    }

    [Fact]
    public async Task Http2_reaches_endpoints_that_are_added_later()
    {
        var app = App().WithHttpEndpoint(name: "first").AsHttp2Service().WithHttpEndpoint(name: "second");
        await _builder.Eventing.PublishAsync(new BeforeStartEvent(new EmptyServices(), new DistributedApplicationModel(_builder.Resources)));

        Assert.All(app.Resource.Annotations.OfType<EndpointAnnotation>(), endpoint => Assert.Equal("http2", endpoint.Transport));
    }

    [Fact]
    public void Without_proxy_support_ports_are_one()
    {
        var container = _builder.AddContainer("c", "nginx").WithHttpEndpoint(port: 8080).WithEndpointProxySupport(false);

        Assert.Equal(8080, container.GetEndpoint("http").EndpointAnnotation.TargetPort);
    }

    private IResourceBuilder<ExecutableResource> App() => _builder.AddExecutable("app", "true", ".");

    private sealed class EmptyServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
