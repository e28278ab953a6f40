using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Finds what the model promises of an nginx and nginx does not do.</summary>
internal static class ModelCheck
{
    /// <summary>Whether a port is free for another nginx.</summary>
    /// <exception cref="DistributedApplicationException">Another nginx has it.</exception>
    public static void CheckPort(string name, int? port, IEnumerable<IResource> model)
    {
        var owner = model.FirstOrDefault(resource => resource.Annotations.OfType<NginxAnnotation>().Any(other => other.Port == port));
        if (port is not null && owner is not null)
        {
            throw new DistributedApplicationException($"AddNginx: '{owner.Name}' has port {port} already; give '{name}' another.");
        }
    }

    /// <summary>Whether nginx serves all endpoints that the model gives it.</summary>
    /// <exception cref="DistributedApplicationException">It does not; the message names the endpoint.</exception>
    public static void CheckEndpoints(NginxResource nginx)
    {
        var other = nginx.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(static endpoint =>
            endpoint.Name != NginxResource.PrimaryEndpointName || endpoint.UriScheme != "http");
        if (other is not null)
        {
            throw new DistributedApplicationException(
                $"nginx does not listen on the endpoint '{other.Name}' ({other.UriScheme}) of '{nginx.Name}'; remove it. nginx has one "
                + $"endpoint, '{NginxResource.PrimaryEndpointName}', without TLS: let a proxy in front of it end TLS, and name the proxy "
                + "with WithTrustedProxies.");
        }
    }

    /// <summary>Whether nginx speaks the protocol of the resources behind it.</summary>
    /// <exception cref="DistributedApplicationException">It does not; the message names the resource.</exception>
    public static void CheckUpstreams(IEnumerable<UpstreamSource> sources, IEnumerable<IResource> model)
    {
        foreach (var source in sources)
        {
            foreach (var resource in source.InstancesIn(model).Where(resource => source.EndpointOf(resource).Transport == "http2"))
            {
                throw new DistributedApplicationException(
                    $"WithReverseProxy: '{resource.Name}' speaks HTTP/2 only (AsHttp2Service), and nginx speaks HTTP/1.1 to the resources "
                    + "behind it; remove AsHttp2Service().");
            }
        }
    }
}
