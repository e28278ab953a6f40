using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Publishing;

/// <summary>Published before the first file of a deployment is written.</summary>
/// <param name="services">The services of the application.</param>
/// <param name="model">The application model.</param>
public sealed class BeforePublishEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
{
    /// <summary>Gets the services of the application.</summary>
    public IServiceProvider Services { get; } = services;

    /// <summary>Gets the application model.</summary>
    public DistributedApplicationModel Model { get; } = model;
}
