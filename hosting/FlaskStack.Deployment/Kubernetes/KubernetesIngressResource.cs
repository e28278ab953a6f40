using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes;

/// <summary>An Ingress: what leads from outside the cluster to a Service.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="environment">The cluster.</param>
public class KubernetesIngressResource(string name, KubernetesEnvironmentResource environment) : Resource(name), IResourceWithParent<KubernetesEnvironmentResource>
{
    /// <summary>The cluster.</summary>
    public KubernetesEnvironmentResource Parent { get; } = environment ?? throw new ArgumentNullException(nameof(environment));

    /// <summary>The class of controller that serves it. Default: the cluster's.</summary>
    public ReferenceExpression? IngressClassName { get; set; }

    internal List<ReferenceExpression> Hostnames { get; } = [];

    internal List<IngressPath> Paths { get; } = [];

    internal EndpointReference? DefaultBackend { get; set; }

    internal List<ReferenceExpression> TlsSecrets { get; } = [];

    internal SortedDictionary<string, ReferenceExpression> IngressAnnotations { get; } = new(StringComparer.Ordinal);

    /// <summary>A path, and where it leads.</summary>
    internal sealed record IngressPath(string? Host, string Path, EndpointReference Endpoint, IngressPathType PathType);
}
