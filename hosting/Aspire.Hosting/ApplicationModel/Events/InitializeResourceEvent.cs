using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Published once for each resource, when the application starts. A resource that runs itself begins here; nobody waits for the subscribers.</summary>
/// <param name="resource">The resource.</param>
/// <param name="distributedApplicationEventing">The events of the application.</param>
/// <param name="resourceLoggerService">The logs of the resources.</param>
/// <param name="resourceNotificationService">The states of the resources.</param>
/// <param name="services">The services of the application.</param>
public class InitializeResourceEvent(
    IResource resource,
    IDistributedApplicationEventing distributedApplicationEventing,
    ResourceLoggerService resourceLoggerService,
    ResourceNotificationService resourceNotificationService,
    IServiceProvider services) : IDistributedApplicationResourceEvent
{
    /// <inheritdoc />
    public IResource Resource { get; } = resource;

    /// <inheritdoc />
    public IServiceProvider Services { get; } = services;

    /// <inheritdoc />
    public ILogger Logger { get; } = resourceLoggerService.GetLogger(resource);

    /// <summary>Gets the states of the resources.</summary>
    public ResourceNotificationService Notifications { get; } = resourceNotificationService;

    /// <summary>Gets the events of the application.</summary>
    public IDistributedApplicationEventing Eventing { get; } = distributedApplicationEventing;
}
