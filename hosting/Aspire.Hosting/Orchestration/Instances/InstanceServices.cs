using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>What every instance uses.</summary>
internal sealed class InstanceServices(
    InstanceLauncher launcher,
    ResourceNotificationService notifications,
    ResourceReporter reporter,
    HttpHealthProber prober,
    HealthCheckService healthChecks,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    TimeProvider time)
{
    public InstanceLauncher Launcher => launcher;

    public ResourceNotificationService Notifications => notifications;

    public ResourceReporter Reporter => reporter;

    public InstanceHealthMonitor HealthMonitor(IResource resource, IReadOnlyList<InstanceEndpoint> endpoints) =>
        new(resource, endpoints, prober, healthChecks, time);

    /// <returns>Completed when all subscribers are done; their failure is reported and never thrown.</returns>
    public async Task PublishStoppedAsync(IResource resource, string instanceId)
    {
        if (notifications.TryGetCurrentState(instanceId, out var current))
        {
            var subscribers = Task.Run(() => eventing.PublishAsync(new ResourceStoppedEvent(resource, services, current), CancellationToken.None));
            reporter.ReportFailure(subscribers, resource.Name, nameof(ResourceStoppedEvent));
            await subscribers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
