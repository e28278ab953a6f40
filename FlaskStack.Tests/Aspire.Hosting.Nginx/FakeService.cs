using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace FlaskStack.Tests.Nginx;

/// <summary>A resource with an HTTP endpoint whose rows the test publishes.</summary>
internal sealed class FakeService : Resource, IResourceWithServiceDiscovery
{
    public FakeService(string name)
        : base(name) => Annotations.Add(new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, uriScheme: "http", name: "http"));

    /// <summary>A row in a state, serving on a Unix socket.</summary>
    public static CustomResourceSnapshot Row(CustomResourceSnapshot row, string state, NginxUpstream upstream) => row with
    {
        State = state,
        Properties = [new("endpoint.http.unixSocket", upstream.Members[0]["unix:".Length..])],
    };

    public static CustomResourceSnapshot TcpRow(string state, string url) => new()
    {
        ResourceType = "Project",
        State = state,
        Properties = [],
        Urls = [new("http", url, IsInternal: false)],
    };
}
