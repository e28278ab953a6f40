using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;

namespace Aspire.Hosting.Dashboard;

/// <summary>Adds the dashboard's row to the model before the start, unless a resource of the user's bears its name.</summary>
internal sealed class DashboardModel(DashboardSettings settings) : IDistributedApplicationEventingSubscriber
{
    public Task SubscribeAsync(IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        eventing.Subscribe<BeforeStartEvent>((@event, _) =>
        {
            if (!@event.Model.Resources.Any(resource => string.Equals(resource.Name, DashboardResource.ResourceName, StringComparison.OrdinalIgnoreCase)))
            {
                @event.Model.Resources.Add(new DashboardResource(settings.ShowResource));
            }

            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }
}
