using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration.Health;

/// <summary>
/// Watches the health of a resource without a process of ours, such as an external service or an integration's own kind, from
/// the moment somebody says that it runs.
/// </summary>
internal sealed class SharedHealthMonitor(
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    HttpHealthProber prober,
    HealthCheckService checks,
    IHostApplicationLifetime lifetime,
    ResourceReporter reporter,
    IServiceProvider services,
    TimeProvider time)
{
    /// <summary>Shows the checks and runs them in the background until the application stops.</summary>
    public async Task StartAsync(IResource resource)
    {
        var monitor = new InstanceHealthMonitor(resource, [], prober, checks, time);
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { HealthReports = monitor.Initial }).ConfigureAwait(false);
        _ = RunAsync(resource, monitor);
    }

    private async Task RunAsync(IResource resource, InstanceHealthMonitor monitor)
    {
        var ready = false;
        try
        {
            await notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.Running, lifetime.ApplicationStopping).ConfigureAwait(false);
            await monitor.RunAsync(
                async reports =>
                {
                    await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { HealthReports = reports }).ConfigureAwait(false);
                    if (!ready && reports.All(r => r.Status == HealthStatus.Healthy))
                    {
                        ready = true;
                        var subscribers = Task.Run(() => eventing.PublishAsync(new ResourceReadyEvent(resource, services), CancellationToken.None));
                        reporter.ReportFailure(subscribers, resource.Name, nameof(ResourceReadyEvent));
                        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { ResourceReady = subscribers }).ConfigureAwait(false);
                    }
                },
                lifetime.ApplicationStopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The application stops: nobody asks for health any more.
        }
    }
}
