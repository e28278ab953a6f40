using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Records which endpoints of another resource a resource uses.</summary>
/// <param name="resource">The resource that has the endpoints.</param>
[DebuggerDisplay("Type = {GetType().Name,nq}, Resource = {Resource.Name}")]
public sealed class EndpointReferenceAnnotation(IResourceWithEndpoints resource) : IResourceAnnotation
{
    /// <summary>The resource that has the endpoints.</summary>
    public IResourceWithEndpoints Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    /// <summary>Whether every endpoint is used. Default: false.</summary>
    public bool UseAllEndpoints { get; set; }

    /// <summary>The names of the endpoints that are used.</summary>
    public ISet<string> EndpointNames { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The network on which addresses are wanted. Default: loopback.</summary>
    public NetworkIdentifier ContextNetworkId { get; set; } = KnownNetworkIdentifiers.LocalhostNetwork;

    /// <summary>The name that the author gave the service in this reference; null for the resource's.</summary>
    internal string? ServiceName { get; init; }

    /// <summary>Whether the reference takes an endpoint in.</summary>
    internal bool Uses(EndpointReference endpoint) =>
        EndpointNames.Contains(endpoint.EndpointName) || (UseAllEndpoints && !endpoint.ExcludeReferenceEndpoint);
}
