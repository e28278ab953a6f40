using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Published when all endpoints have addresses.</summary>
/// <param name="services">The services of the application.</param>
/// <param name="model">The application model.</param>
[Obsolete("Subscribe to ResourceEndpointsAllocatedEvent or BeforeResourceStartedEvent of a resource instead.")]
public class AfterEndpointsAllocatedEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
{
    /// <summary>Gets the services of the application.</summary>
    public IServiceProvider Services { get; } = services;

    /// <summary>Gets the application model.</summary>
    public DistributedApplicationModel Model { get; } = model;
}
