using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Lifecycle;

/// <summary>A service that subscribes to events before the application starts.</summary>
public interface IDistributedApplicationEventingSubscriber
{
    /// <summary>Subscribes. Called once, before any event is published.</summary>
    /// <param name="eventing">The events.</param>
    /// <param name="executionContext">Whether the AppHost runs or publishes.</param>
    /// <param name="cancellationToken">Ends the start of the application.</param>
    /// <returns>A task that completes when the service has subscribed.</returns>
    Task SubscribeAsync(IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken);
}
