using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

/// <summary>Carries events from publishers to subscribers.</summary>
[SuppressMessage("Naming", "CA1716:Identifiers should not match keywords", Justification = "The parameter name of the Aspire API.")]
public interface IDistributedApplicationEventing
{
    /// <summary>Subscribes to every event of a type.</summary>
    /// <typeparam name="T">The exact type of the event.</typeparam>
    /// <param name="callback">What is called.</param>
    /// <returns>The subscription, which <see cref="Unsubscribe"/> takes.</returns>
    DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent;

    /// <summary>Subscribes to the events of a type that concern one resource.</summary>
    /// <typeparam name="T">The exact type of the event.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The subscription, which <see cref="Unsubscribe"/> takes.</returns>
    DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent;

    /// <summary>Ends a subscription. Ending it twice does nothing.</summary>
    /// <param name="subscription">The subscription.</param>
    void Unsubscribe(DistributedApplicationEventSubscription subscription);

    /// <summary>Publishes an event to its subscribers one after another and waits for them.</summary>
    /// <typeparam name="T">The exact type of the event.</typeparam>
    /// <param name="event">The event.</param>
    /// <param name="cancellationToken">Passed to the subscribers.</param>
    /// <returns>A task that completes when all subscribers are done.</returns>
    Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent;

    /// <summary>Publishes an event.</summary>
    /// <typeparam name="T">The exact type of the event.</typeparam>
    /// <param name="event">The event.</param>
    /// <param name="dispatchBehavior">In which order subscribers are called, and whether to wait for them.</param>
    /// <param name="cancellationToken">Passed to the subscribers.</param>
    /// <returns>A task that completes when all subscribers are done; at once where the behavior does not block.</returns>
    Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent;
}
