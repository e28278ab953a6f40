using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a <see cref="ResourceUrlsCallbackAnnotation"/> works on.</summary>
/// <param name="executionContext">Whether the application runs or is published.</param>
/// <param name="resource">The resource that the URLs are shown with.</param>
/// <param name="urls">The URLs so far; none when null.</param>
/// <param name="cancellationToken">Ends the evaluation.</param>
public class ResourceUrlsCallbackContext(DistributedApplicationExecutionContext executionContext, IResource resource, List<ResourceUrlAnnotation>? urls = null, CancellationToken cancellationToken = default)
{
    /// <summary>The resource that the URLs are shown with.</summary>
    public IResource Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    /// <summary>The URLs so far, to add to, change and remove from.</summary>
    public List<ResourceUrlAnnotation> Urls { get; } = urls ?? [];

    /// <summary>Ends the evaluation.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>Whether the application runs or is published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext ?? throw new ArgumentNullException(nameof(executionContext));

    /// <summary>The resource's log. Default: none.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>Finds an endpoint of the resource; null when there is none of that name.</summary>
    /// <param name="name">The endpoint's name.</param>
    public EndpointReference? GetEndpoint(string name) => Existing(name, network: null);

    /// <summary>Finds an endpoint of the resource on a network; null when there is none of that name.</summary>
    /// <param name="name">The endpoint's name.</param>
    /// <param name="contextNetworkId">The network on which the address is wanted.</param>
    public EndpointReference? GetEndpoint(string name, NetworkIdentifier contextNetworkId) => Existing(name, contextNetworkId);

    private EndpointReference? Existing(string name, NetworkIdentifier? network) =>
        Resource is IResourceWithEndpoints owner && new EndpointReference(owner, name, network) is { Exists: true } endpoint ? endpoint : null;
}
