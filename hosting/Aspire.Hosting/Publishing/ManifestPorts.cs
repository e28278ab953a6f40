using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Gives the endpoints of a manifest their ports, by Aspire's rules. Ports that nobody asked for count up from 8000.</summary>
internal sealed class ManifestPorts
{
    private const int FirstPort = 8000;

    private readonly HashSet<int> _used = [];

    /// <summary>The ports of each endpoint; null where a deployment chooses.</summary>
    public IEnumerable<(EndpointAnnotation Endpoint, int? Port, int? TargetPort)> Assign(IResource resource, IEnumerable<EndpointAnnotation> endpoints)
    {
        var defaultSchemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var endpoint in endpoints)
        {
            var asked = Asked(endpoint.Port);
            var isDefault = resource is ProjectResource && endpoint.IsHttpScheme && defaultSchemes.Add(endpoint.UriScheme);
            var targetPort = Asked(endpoint.TargetPort)
                ?? (resource is ContainerResource ? asked : null)
                ?? (isDefault ? null : Use(Free()));
            var port = asked ?? (targetPort is null && !endpoint.IsHttpScheme ? Free() : null);

            Use(targetPort);
            yield return (endpoint, Use(port), targetPort);
        }
    }

    private static int? Asked(int? port) => port is 0 ? null : port;

    private int Free() => Enumerable.Range(FirstPort, ushort.MaxValue - FirstPort + 1).First(port => !_used.Contains(port));

    private int? Use(int? port)
    {
        if (port is not null)
        {
            _used.Add(port.Value);
        }

        return port;
    }
}
