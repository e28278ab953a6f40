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
            (endpoint.Name, endpoint.UriScheme) is not (
                (NginxResource.PrimaryEndpointName, "http") or (NginxResource.HttpsEndpointName, "https")));
        if (other is not null)
        {
            throw new DistributedApplicationException(
                $"nginx does not listen on the endpoint '{other.Name}' ({other.UriScheme}) of '{nginx.Name}'; remove it. Its "
                + $"endpoints are '{NginxResource.PrimaryEndpointName}' and, with a certificate, '{NginxResource.HttpsEndpointName}'.");
        }
    }

    /// <summary>Whether the resources of each cluster speak one protocol, and no other target has its name.</summary>
    /// <exception cref="DistributedApplicationException">They do not; the message names the cluster.</exception>
    public static void CheckClusters(NginxAnnotation options)
    {
        foreach (var cluster in options.Sources.GroupBy(static source => source.Name, StringComparer.Ordinal))
        {
            if (cluster.Any(static source => source.Cluster is null) && cluster.Count() > 1)
            {
                throw new DistributedApplicationException(
                    $"AddCluster: '{cluster.Key}' is the name of a resource behind nginx too; give the cluster another.");
            }

            var protocols = cluster.Select(static source => source.ResolveEndpoint())
                .Select(static endpoint => (endpoint.UriScheme, UpstreamSource.IsHttp2(endpoint)))
                .Distinct();
            if (cluster.First().Cluster is not null && protocols.Count() > 1)
            {
                throw new DistributedApplicationException(
                    $"AddCluster: the endpoints of '{cluster.Key}' speak different protocols; "
                        + "name one with an EndpointReference for each.");
            }
        }
    }

    /// <summary>Whether routes to resources that speak HTTP/2 only ask for nothing that nginx does not do with it.</summary>
    /// <exception cref="DistributedApplicationException">They do; the message names the resource and the options.</exception>
    public static void CheckHttp2(NginxAnnotation options, DistributedApplicationModel model)
    {
        string[] http2 =
        [
            .. options.Sources
                .Where(source => source.InstancesIn(model.Resources).Any(resource => UpstreamSource.IsHttp2(source.EndpointOf(resource))))
                .Select(static source => source.Name),
        ];
        foreach (var route in options.Configuration.Routes)
        {
            var target = route.Upstreams.Append(route.Shadow?.Upstream).Intersect(http2).FirstOrDefault();
            if (target is not null && OptionsOf(route) is { Length: > 0 } others)
            {
                throw new DistributedApplicationException(
                    $"{route.Option}: '{target}' speaks HTTP/2 only (AsHttp2Service), which nginx passes on as it is; "
                    + $"leave out {string.Join(", ", others)} for {route.Path}.");
            }
        }
    }

    private static string[] OptionsOf(NginxRoute route)
    {
        (bool IsUsed, string Name)[] options =
        [
            (route.RemovedPrefix is not null, "WithTransformPathRemovePrefix"),
            (route.AddedPrefix is not null, "WithTransformPathPrefix"),
            (!route.Methods.IsEmpty, "WithMatchMethods"),
            (!route.Headers.IsEmpty, "WithMatchHeaders"),
            (!route.QueryParameters.IsEmpty, "WithMatchRouteQueryParameter"),
            (!route.RequestHeaders.IsEmpty, "WithTransformRequestHeader"),
            (route.Canary is not null, "WithCanary"),
            (route.Shadow is not null, "WithShadow"),
        ];
        return [.. options.Where(static option => option.IsUsed).Select(static option => option.Name)];
    }
}
