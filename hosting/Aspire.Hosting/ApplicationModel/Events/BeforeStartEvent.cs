using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Published before anything starts; the model may still be changed.</summary>
/// <param name="services">The services of the application.</param>
/// <param name="model">The application model.</param>
public class BeforeStartEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
{
    /// <summary>Gets the services of the application.</summary>
    public IServiceProvider Services { get; } = services;

    /// <summary>Gets the application model.</summary>
    public DistributedApplicationModel Model { get; } = model;
}
