using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Eventing;

/// <summary>Carries events from publishers to subscribers.</summary>
/// <remarks>
/// Subscribers are called in the order in which they subscribed. Those that subscribe while an event is published get
/// the next one. A failure that no publisher waits for is logged.
/// </remarks>
public class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Type, ImmutableArray<DistributedApplicationEventSubscription>> _subscriptions = [];
    private ILogger _logger = NullLogger.Instance;

    /// <inheritdoc />
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is an interface or abstract: events are published by their own type.</exception>
    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(callback);

        return Add<T>(new DistributedApplicationEventSubscription((@event, cancellationToken) => callback((T)@event, cancellationToken)));
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is an interface or abstract: events are published by their own type.</exception>
    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(callback);

        return Add<T>(new DistributedApplicationResourceEventSubscription(resource, (@event, cancellationToken) => callback((T)@event, cancellationToken)));
    }

    /// <inheritdoc />
    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        lock (_gate)
        {
            foreach (var (type, subscriptions) in _subscriptions.ToArray())
            {
                _subscriptions[type] = subscriptions.Remove(subscription);
            }
        }
    }

    /// <inheritdoc />
    public Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
        => PublishAsync(@event, EventDispatchBehavior.BlockingSequential, cancellationToken);

    /// <inheritdoc />
    public Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(@event);
        var subscribers = GetSubscribers(@event);
        switch (dispatchBehavior)
        {
            case EventDispatchBehavior.BlockingSequential:
                return CallInTurnAsync(subscribers, @event, cancellationToken);
            case EventDispatchBehavior.BlockingConcurrent:
                return CallAtOnceAsync(subscribers, @event, cancellationToken);
            case EventDispatchBehavior.NonBlockingSequential:
                _ = Task.Run(() => LogFailureAsync<T>(CallInTurnAsync(subscribers, @event, cancellationToken)), CancellationToken.None);
                return Task.CompletedTask;
            case EventDispatchBehavior.NonBlockingConcurrent:
                _ = Task.Run(() => LogFailureAsync<T>(CallAtOnceAsync(subscribers, @event, cancellationToken)), CancellationToken.None);
                return Task.CompletedTask;
            default:
                throw new ArgumentOutOfRangeException(nameof(dispatchBehavior), dispatchBehavior, "Not a way to dispatch events.");
        }
    }

    /// <summary>Sets where failures are logged that no publisher waits for; the builder has no logger yet when it makes this.</summary>
    internal void UseLogger(ILogger logger) => _logger = logger;

    private static async Task CallInTurnAsync<T>(ImmutableArray<DistributedApplicationEventSubscription> subscribers, T @event, CancellationToken cancellationToken)
        where T : IDistributedApplicationEvent
    {
        foreach (var subscriber in subscribers)
        {
            await subscriber.Callback(@event, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task CallAtOnceAsync<T>(ImmutableArray<DistributedApplicationEventSubscription> subscribers, T @event, CancellationToken cancellationToken)
        where T : IDistributedApplicationEvent
    {
        // On threads of their own, so that one which blocks or throws before its first await does not hold up the others.
        return Task.WhenAll(subscribers.Select(subscriber => Task.Run(() => subscriber.Callback(@event, cancellationToken), CancellationToken.None)));
    }

    private async Task LogFailureAsync<T>(Task calls)
    {
        await calls.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (calls.Exception is { } exception)
        {
            DistributedApplicationEventingLog.SubscriberFailed(_logger, typeof(T).Name, exception.InnerExceptions is [var only] ? only : exception);
        }
    }

    private ImmutableArray<DistributedApplicationEventSubscription> GetSubscribers<T>(T @event)
        where T : IDistributedApplicationEvent
    {
        lock (_gate)
        {
            var resource = (@event as IDistributedApplicationResourceEvent)?.Resource;
            return [.. _subscriptions.GetValueOrDefault(typeof(T), []).Where(subscription
                => subscription is not DistributedApplicationResourceEventSubscription { Resource: { } wanted } || ReferenceEquals(wanted, resource))];
        }
    }

    private DistributedApplicationEventSubscription Add<T>(DistributedApplicationEventSubscription subscription)
    {
        if (typeof(T).IsAbstract)
        {
            throw new ArgumentException($"Events are published by their own type: subscribe to a class, not to '{typeof(T).Name}'.");
        }

        lock (_gate)
        {
            _subscriptions[typeof(T)] = _subscriptions.GetValueOrDefault(typeof(T), []).Add(subscription);
        }

        return subscription;
    }
}
