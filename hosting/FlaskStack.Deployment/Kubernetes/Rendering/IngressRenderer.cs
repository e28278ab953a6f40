using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>An Ingress: what leads from outside the cluster to a Service.</summary>
internal static class IngressRenderer
{
    public static YamlMap Render(ClusterApplication application, IngressDefinition ingress) => new()
    {
        { "apiVersion", "networking.k8s.io/v1" },
        { "kind", "Ingress" },
        { "metadata", Metadata(application, ingress) },
        {
            "spec",
            new YamlMap
            {
                { "ingressClassName", ingress.ClassName is { } name ? (YamlNode)name : null },
                { "defaultBackend", ingress.DefaultBackend is { } backend ? Backend(backend.Workload, backend.Port) : null },
                { "tls", Tls(ingress) },
                { "rules", Rules(ingress) },
            }
        },
    };

    private static YamlMap Metadata(ClusterApplication application, IngressDefinition ingress)
    {
        var metadata = Labels.Metadata(application, ingress.Name);
        if (!ingress.Annotations.IsEmpty)
        {
            var annotations = new YamlMap();
            foreach (var (key, value) in ingress.Annotations)
            {
                annotations.Add(key, value);
            }

            metadata.Add("annotations", annotations);
        }

        return metadata;
    }

    private static YamlList? Tls(IngressDefinition ingress) => ingress.TlsSecrets.IsEmpty
        ? null
        : new YamlList(ingress.TlsSecrets.Select(secret => new YamlMap
        {
            { "hosts", ingress.Hosts.IsEmpty ? null : new YamlList(ingress.Hosts.Select(static host => (YamlNode)host)) },
            { "secretName", secret },
        }));

    /// <summary>A path without a host is for each host of the Ingress, or for every one.</summary>
    private static YamlList? Rules(IngressDefinition ingress)
    {
        var rules = ingress.Routes
            .SelectMany(route => Hosts(ingress, route).Select(host => (Host: host, Route: route)))
            .GroupBy(static pair => pair.Host, static pair => pair.Route)
            .OrderBy(static rule => rule.Key, StringComparer.Ordinal)
            .Select(static rule => new YamlMap
            {
                { "host", rule.Key is { } host ? (YamlNode)host : null },
                { "http", new YamlMap { { "paths", new YamlList(rule.OrderBy(static route => route.Path, StringComparer.Ordinal).Select(Path)) } } },
            });
        var list = new YamlList(rules);
        return list.Count > 0 ? list : null;
    }

    private static string?[] Hosts(IngressDefinition ingress, IngressRoute route) =>
        route.Host is { } host ? [host] : ingress.Hosts.IsEmpty ? [null] : [.. ingress.Hosts];

    private static YamlMap Path(IngressRoute route) => new()
    {
        { "path", route.Path },
        { "pathType", route.PathType.ToString() },
        { "backend", Backend(route.Workload, route.Port) },
    };

    private static YamlMap Backend(string workload, int port) => new()
    {
        { "service", new YamlMap { { "name", workload }, { "port", new YamlMap { { "number", port } } } } },
    };
}
