using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

/// <summary>A subscriber of one resource's events.</summary>
/// <param name="resource">The resource; <see langword="null"/> for all.</param>
/// <param name="callback">What is called.</param>
public class DistributedApplicationResourceEventSubscription(IResource? resource, Func<IDistributedApplicationResourceEvent, CancellationToken, Task> callback)
    : DistributedApplicationEventSubscription((@event, cancellationToken) => callback((IDistributedApplicationResourceEvent)@event, cancellationToken))
{
    /// <summary>Gets the resource; <see langword="null"/> for all.</summary>
    public IResource? Resource { get; } = resource;
}
