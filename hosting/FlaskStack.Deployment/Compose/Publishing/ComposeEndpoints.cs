using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>On which port of its container each endpoint is reached by the other services.</summary>
internal sealed class ComposeEndpoints
{
    /// <summary>What Microsoft's images for ASP.NET Core listen on.</summary>
    private const int UsualProjectPort = 8080;

    private readonly Dictionary<EndpointAnnotation, int> _ports = [];

    public ComposeEndpoints(IEnumerable<IResource> resources)
    {
        var ports = new ManifestPorts();
        foreach (var resource in resources)
        {
            foreach (var (endpoint, port, targetPort) in ports.Assign(resource, resource.Annotations.OfType<EndpointAnnotation>()))
            {
                _ports.Add(endpoint, targetPort ?? port ?? UsualProjectPort);
            }
        }
    }

    /// <exception cref="DistributedApplicationException">The endpoint is of no service of the file.</exception>
    public int PortOf(EndpointReference endpoint) => _ports.TryGetValue(endpoint.EndpointAnnotation, out var port)
        ? port
        : throw new DistributedApplicationException($"The resource '{endpoint.Resource.Name}' is referred to, but is no service of the Compose file.");

    /// <summary>The endpoints of a resource. TLS that nobody asked for ends before the services, and has no port of its own.</summary>
    public IEnumerable<(EndpointAnnotation Endpoint, int Port)> Of(IResource resource) =>
        resource.Annotations.OfType<EndpointAnnotation>().Where(static endpoint => !endpoint.IsDefaultHttps).Select(endpoint => (endpoint, _ports[endpoint]));
}
