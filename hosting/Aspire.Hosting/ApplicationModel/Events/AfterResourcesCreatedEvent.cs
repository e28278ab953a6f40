using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Published once the start of every resource has been attempted.</summary>
/// <param name="services">The services of the application.</param>
/// <param name="model">The application model.</param>
public class AfterResourcesCreatedEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
{
    /// <summary>Gets the services of the application.</summary>
    public IServiceProvider Services { get; } = services;

    /// <summary>Gets the application model.</summary>
    public DistributedApplicationModel Model { get; } = model;
}
