using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Published when a resource has ended.</summary>
/// <param name="resource">The resource.</param>
/// <param name="services">The services of the application.</param>
/// <param name="resourceEvent">The change with which it ended.</param>
public class ResourceStoppedEvent(IResource resource, IServiceProvider services, ResourceEvent resourceEvent) : IDistributedApplicationResourceEvent
{
    /// <inheritdoc />
    public IResource Resource { get; } = resource;

    /// <inheritdoc />
    public IServiceProvider Services { get; } = services;

    /// <summary>Gets the change with which the resource ended.</summary>
    public ResourceEvent ResourceEvent { get; } = resourceEvent;
}
