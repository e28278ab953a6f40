using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Publishing;

public class ComputeEnvironmentTests
{
    [Theory]
    [InlineData(EndpointProperty.Url, null, "http://host-of-web")]
    [InlineData(EndpointProperty.Url, 8080, "http://host-of-web:8080")]
    [InlineData(EndpointProperty.Host, 8080, "host-of-web")]
    [InlineData(EndpointProperty.Port, null, "80")]
    [InlineData(EndpointProperty.HostAndPort, 8080, "host-of-web:8080")]
    [InlineData(EndpointProperty.TargetPort, null, "3000")]
    [InlineData(EndpointProperty.Scheme, null, "http")]
    [InlineData(EndpointProperty.TlsEnabled, null, "False")]
    public void Says_what_a_part_of_an_endpoint_is(EndpointProperty property, int? port, string expected)
    {
        var builder = DistributedApplication.CreateBuilder(["--operation", "publish"]);
        var web = builder.AddContainer("web", "web").WithHttpEndpoint(port, targetPort: 3000);
        IComputeEnvironmentResource environment = new Somewhere("somewhere");

        Assert.Equal(expected, environment.GetEndpointPropertyExpression(web.GetEndpoint("http").Property(property)).ValueExpression);
    }

    [Fact]
    public void Wants_a_port_where_there_is_no_usual_one()
    {
        var builder = DistributedApplication.CreateBuilder(["--operation", "publish"]);
        var cache = builder.AddContainer("cache", "redis").WithEndpoint(targetPort: 6379, name: "tcp");
        IComputeEnvironmentResource environment = new Somewhere("somewhere");

        var error = Assert.Throws<InvalidOperationException>(() => environment.GetEndpointPropertyExpression(cache.GetEndpoint("tcp").Property(EndpointProperty.Port)));

        Assert.Equal("Endpoint 'tcp' of 'cache' has no port, and 'tcp' has no usual one.", error.Message);
    }

    [Fact]
    public void Knows_what_a_resource_becomes_where()
    {
        var builder = DistributedApplication.CreateBuilder(["--operation", "publish"]);
        var (here, there) = (new Somewhere("here"), new Somewhere("there"));
        var web = builder.AddContainer("web", "web");
        web.WithAnnotation(new DeploymentTargetAnnotation(here) { ComputeEnvironment = here });
        web.WithAnnotation(new DeploymentTargetAnnotation(there) { ComputeEnvironment = there });

        Assert.Same(there, web.Resource.GetDeploymentTargetAnnotation(there)!.DeploymentTarget);
        Assert.Throws<InvalidOperationException>(() => web.Resource.GetDeploymentTargetAnnotation());
        web.WithComputeEnvironment(builder.CreateResourceBuilder(here));
        Assert.Same(here, web.Resource.GetDeploymentTargetAnnotation()!.DeploymentTarget);
        Assert.Null(web.Resource.GetDeploymentTargetAnnotation(there));
    }

    private sealed class Somewhere(string name) : Resource(name), IComputeEnvironmentResource
    {
        public ReferenceExpression GetHostAddressExpression(EndpointReference endpointReference) => ReferenceExpression.Create($"host-of-{endpointReference.Resource.Name}");
    }
}
