using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Knows the state of every resource instance: takes changes, shows them to those who watch, and lets others wait.
/// </summary>
/// <remarks>
/// <para>A resource has a row for each instance. Where one of them is named as the model names the resource, it speaks for
/// the whole: a wait for health and a wait for a dependency look at that row alone; otherwise they look at every row.</para>
/// <para>Names of resources and of instances are compared without regard to case.</para>
/// </remarks>
public class ResourceNotificationService : IDisposable
{
    private readonly ConcurrentDictionary<string, ResourceRow> _rows = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<CoalescingQueue<string, PendingUpdates>, bool> _watches = new();
    private readonly ConcurrentDictionary<ResourceWait, bool> _waits = new();
    private readonly CancellationTokenSource _disposing = new();
    private readonly CancellationToken _disposed;
    private readonly ILogger<ResourceNotificationService> _logger;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly IServiceProvider _serviceProvider;
    private readonly ResourceLoggerService _resourceLoggerService;
    private readonly ResourceSnapshots _snapshots;
    private int _lastOrder;

    /// <summary>Initializes the service.</summary>
    /// <param name="logger">Where changes of state are logged, at level Debug.</param>
    /// <param name="hostApplicationLifetime">Ends the waits when the application stops.</param>
    /// <param name="serviceProvider">Passed to the callbacks of commands; may offer <see cref="ResourceNotificationServiceOptions"/> and a <see cref="TimeProvider"/>.</param>
    /// <param name="resourceLoggerService">The logs of the resources.</param>
    public ResourceNotificationService(ILogger<ResourceNotificationService> logger, IHostApplicationLifetime hostApplicationLifetime, IServiceProvider serviceProvider, ResourceLoggerService resourceLoggerService)
    {
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentNullException.ThrowIfNull(hostApplicationLifetime);
        ArgumentNullException.ThrowIfNull(serviceProvider);
        ArgumentNullException.ThrowIfNull(resourceLoggerService);

        _logger = logger;
        _lifetime = hostApplicationLifetime;
        _serviceProvider = serviceProvider;
        _resourceLoggerService = resourceLoggerService;
        _snapshots = new ResourceSnapshots(serviceProvider, serviceProvider.GetService<TimeProvider>() ?? TimeProvider.System, logger);
        _disposed = _disposing.Token;
    }

    /// <summary>Gets what waits do when a resource ends or cannot start, unless they say so themselves.</summary>
    internal WaitBehavior DefaultWaitBehavior
        => _serviceProvider.GetService<IOptions<ResourceNotificationServiceOptions>>()?.Value.DefaultWaitBehavior ?? WaitBehavior.WaitOnResourceUnavailable;

    /// <summary>Gets a token that ends when the application begins to stop or the service is disposed.</summary>
    internal CancellationToken Stopping => _lifetime.ApplicationStopping;

    /// <summary>Changes every row of a resource; before the first row is known, the row named as the model names it.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="stateFactory">Makes the new snapshot from the last one. Called under a lock: it must be quick and must not publish.</param>
    /// <returns>A completed task: the change has been shown to all who watch or wait.</returns>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(stateFactory);
        var ids = GetRowIds(resource);
        foreach (var id in ids.IsEmpty ? [resource.Name] : ids)
        {
            Publish(resource, id, stateFactory);
        }

        return Task.CompletedTask;
    }

    /// <summary>Changes one row. Changes of one row are made one after another; the first starts from the resource's initial snapshot.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="resourceId">The instance.</param>
    /// <param name="stateFactory">Makes the new snapshot from the last one. Called under a lock: it must be quick and must not publish.</param>
    /// <returns>A completed task: the change has been shown to all who watch or wait. A change that changes nothing is not shown.</returns>
    /// <exception cref="InvalidOperationException">The instance belongs to another resource, or the factory published a change of the same row.</exception>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentException.ThrowIfNullOrEmpty(resourceId);
        ArgumentNullException.ThrowIfNull(stateFactory);
        Publish(resource, resourceId, stateFactory);

        return Task.CompletedTask;
    }

    /// <summary>Gets the last change of a row.</summary>
    /// <param name="resourceId">The instance, or the model name of a resource that has one row.</param>
    /// <param name="resourceEvent">The last change, when there is one.</param>
    /// <returns><see langword="true"/> when there is one.</returns>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        ArgumentNullException.ThrowIfNull(resourceId);
        resourceEvent = _rows.TryGetValue(resourceId, out var row)
            ? row.Last?.Event
            : GetRows(resourceId) is [var only] ? only.Last?.Event : null;

        return resourceEvent is not null;
    }

    /// <summary>Watches all resources: first the last change of every row, then every change as it is made.</summary>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The changes. They end when the service is disposed.</returns>
    /// <remarks>
    /// The watch holds at most two changes a row for a reader that is slow: the newest, and the last one with which the row
    /// ended (<see cref="KnownResourceStates.TerminalStates"/>) if it went on after that. A slow reader therefore misses
    /// what lay between, but never the newest state of a row nor that it ended; changes of one row come in their order.
    /// Waits are shown every change and miss none.
    /// </remarks>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var queue = new CoalescingQueue<string, PendingUpdates>(StringComparer.OrdinalIgnoreCase, PendingUpdates.Merge);
        var seen = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        _watches.TryAdd(queue, true);
        try
        {
            Seed(queue);
            while (await queue.WaitToTakeAsync(cancellationToken).ConfigureAwait(false))
            {
                while (queue.TryTake(out var pending))
                {
                    foreach (var update in Unseen(pending, seen))
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        yield return update.Event;
                    }
                }
            }
        }
        finally
        {
            _watches.TryRemove(queue, out _);
        }
    }

    /// <summary>Watches all resources in batches: first all that is known, be it nothing, then what has changed since. A batch has one change a row, the newest.</summary>
    /// <param name="gathering">How long a batch waits for more changes after its first.</param>
    /// <param name="time">Measures that.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    internal async IAsyncEnumerable<IReadOnlyList<ResourceEvent>> WatchBatchesAsync(TimeSpan gathering, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var queue = new CoalescingQueue<string, PendingUpdates>(StringComparer.OrdinalIgnoreCase, PendingUpdates.Merge);
        var seen = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        _watches.TryAdd(queue, true);
        try
        {
            Seed(queue);
            yield return TakeNewest(queue, seen);
            while (await queue.WaitToTakeAsync(cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(gathering, time, cancellationToken).ConfigureAwait(false);
                if (TakeNewest(queue, seen) is { Count: > 0 } batch)
                {
                    yield return batch;
                }
            }
        }
        finally
        {
            _watches.TryRemove(queue, out _);
        }
    }

    /// <summary>Waits until a row of a resource has a state.</summary>
    /// <param name="resourceName">The model name of the resource, or an instance of it.</param>
    /// <param name="targetState">The state. Default: Running.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the state is reached.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, by the caller or because the application has stopped.</exception>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default)
        => WaitForResourceAsync(resourceName, [string.IsNullOrEmpty(targetState) ? KnownResourceStates.Running : targetState], cancellationToken);

    /// <summary>Waits until a row of a resource has one of several states.</summary>
    /// <param name="resourceName">The model name of the resource, or an instance of it.</param>
    /// <param name="targetStates">The states.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state that was reached.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, by the caller or because the application has stopped.</exception>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(targetStates);
        string[] states = [.. targetStates];
        var reached = await WaitAsync(
            resourceName,
            change => change.Snapshot.State is { Text.Length: > 0 } state && states.Any(target => state.Is(target)),
            ResourceWaitScope.AnyRow,
            $"reach one of the states [{string.Join(", ", states)}]",
            _lifetime.ApplicationStopped,
            cancellationToken).ConfigureAwait(false);

        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until a row of a resource fulfils a condition.</summary>
    /// <param name="resourceName">The model name of the resource, or an instance of it.</param>
    /// <param name="predicate">The condition. Called for every change by whoever publishes it, under a lock: it must be quick and must not publish.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The change that fulfilled the condition. The wait fails with what the condition throws.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, by the caller or because the application has stopped.</exception>
    public Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);

        return WaitAsync(resourceName, predicate, ResourceWaitScope.AnyRow, "meet a condition", _lifetime.ApplicationStopped, cancellationToken);
    }

    /// <summary>Waits until a resource is healthy and the subscribers of its <see cref="ResourceReadyEvent"/> are done; a resource that is unavailable is treated as <see cref="ResourceNotificationServiceOptions.DefaultWaitBehavior"/> says.</summary>
    /// <param name="resourceName">The model name of the resource, or an instance of it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The change with which the resource, or the last of its instances, was ready.</returns>
    /// <exception cref="DistributedApplicationException">The resource is unavailable.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended, by the caller or because the application stops.</exception>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
        => WaitForResourceHealthyAsync(resourceName, DefaultWaitBehavior, cancellationToken);

    /// <summary>Waits until a resource is healthy and the subscribers of its <see cref="ResourceReadyEvent"/> are done.</summary>
    /// <param name="resourceName">The model name of the resource, or an instance of it.</param>
    /// <param name="waitBehavior">What to do when the resource ends, cannot start, or lacks what it needs in order to run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The change with which the resource, or the last of its instances, was ready.</returns>
    /// <exception cref="DistributedApplicationException">The resource is unavailable, or the model has no resource of that name; only with <see cref="WaitBehavior.StopOnResourceUnavailable"/>.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended, by the caller or because the application stops.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceName);
        if (waitBehavior == WaitBehavior.StopOnResourceUnavailable)
        {
            ThrowIfUnknown(resourceName);
        }

        var ready = await WaitAsync(
            resourceName,
            change => IsReady(change, requireHealth: true, waitBehavior, $"Stopped waiting for resource '{resourceName}' to become healthy"),
            ResourceWaitScope.WholeResource,
            "become healthy",
            Stopping,
            cancellationToken).ConfigureAwait(false);
        await WaitForReadyEventsAsync(ready.Resource, resourceName, cancellationToken).ConfigureAwait(false);

        return ready;
    }

    /// <summary>
    /// Waits until all a resource waits for has got there. Meanwhile the rows of the resource have the state Waiting and the
    /// property <c>resource.waitingFor</c>, a list of the names that are still waited for.
    /// </summary>
    /// <param name="resource">The resource.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when nothing is waited for any more.</returns>
    /// <exception cref="DistributedApplicationException">A dependency is unavailable, or ended with another exit code than the one it is to end with.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended, by the caller or because the application stops.</exception>
    public Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return new ResourceDependencyWait(this, resource, _resourceLoggerService.GetLogger(resource)).WaitAsync(cancellationToken);
    }

    /// <summary>Ends all watches and waits.</summary>
    public void Dispose()
    {
        if (!_disposed.IsCancellationRequested)
        {
            _disposing.Cancel();
            foreach (var watch in _watches.Keys)
            {
                watch.Complete();
            }

            _disposing.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Gets the rows of a resource: those it is known to get, else those published so far.</summary>
    internal ImmutableArray<string> GetRowIds(IResource resource)
        => resource.Annotations.OfType<ResourceInstancesAnnotation>().LastOrDefault() is { Ids.IsEmpty: false } instances
            ? instances.Ids
            : [.. GetRows(resource.Name).Select(static row => row.Id)];

    /// <summary>Gets the rows of a resource in the order in which they became known.</summary>
    internal IReadOnlyList<ResourceRow> GetRows(string resourceName)
        => [.. _rows.Values
            .Where(row => row.Resource.Name.Equals(resourceName, StringComparison.OrdinalIgnoreCase))
            .OrderBy(static row => row.Order)];

    /// <summary>Waits for rows of a resource.</summary>
    /// <param name="resourceName">The model name of the resource, or an instance of it.</param>
    /// <param name="predicate">The condition of a row; what it throws fails the wait.</param>
    /// <param name="scope">The rows that must fulfil it.</param>
    /// <param name="goal">What is waited for, to follow "failed to".</param>
    /// <param name="applicationToken">When the application makes the wait pointless.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task<ResourceEvent> WaitAsync(string resourceName, Func<ResourceEvent, bool> predicate, ResourceWaitScope scope, string goal, CancellationToken applicationToken, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceName);
        ResourceNotificationLog.WaitStarted(_logger, resourceName, goal);
        var wait = new ResourceWait(resourceName, predicate, scope);
        _waits.TryAdd(wait, true);
        try
        {
            foreach (var row in _rows.Values.OrderBy(static row => row.Order))
            {
                Show(wait, row);
            }

            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, applicationToken, _disposed);
            var reached = await wait.Reached.WaitAsync(ending.Token).ConfigureAwait(false);
            ResourceNotificationLog.WaitFinished(_logger, resourceName);
            return reached;
        }
        catch (OperationCanceledException exception)
        {
            throw new OperationCanceledException(
                $"Resource '{resourceName}' failed to {goal} before the wait was ended. {Describe(resourceName)}",
                exception,
                cancellationToken.IsCancellationRequested ? cancellationToken : exception.CancellationToken);
        }
        finally
        {
            _waits.TryRemove(wait, out _);
        }
    }

    /// <summary>Says whether a row runs and, where that is asked for, is healthy and has published its ready event.</summary>
    /// <exception cref="DistributedApplicationException">It is unavailable, and the behavior is to stop.</exception>
    internal static bool IsReady(ResourceEvent change, bool requireHealth, WaitBehavior behavior, string failure)
    {
        var snapshot = change.Snapshot;
        if (behavior == WaitBehavior.StopOnResourceUnavailable && snapshot.State.IsUnavailable())
        {
            throw new DistributedApplicationException($"{failure} because {DescribeState(change)}.");
        }

        return requireHealth
            ? snapshot is { HealthStatus: HealthStatus.Healthy, ResourceReady: not null }
            : snapshot.State.Is(KnownResourceStates.Running);
    }

    /// <summary>Describes a row's state as part of a sentence.</summary>
    internal static string DescribeState(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        var state = snapshot.State?.Text ?? "unknown";
        if (snapshot.State.Is(KnownResourceStates.FailedToStart))
        {
            return $"'{change.ResourceId}' failed to start (state '{state}')";
        }

        return snapshot.ExitCode is { } exitCode
            ? $"'{change.ResourceId}' entered the '{state}' state with exit code {exitCode}"
            : $"'{change.ResourceId}' entered the '{state}' state";
    }

    /// <summary>Waits for the subscribers of the ready events of the rows a name stands for; fails as they do.</summary>
    internal async Task WaitForReadyEventsAsync(IResource resource, string name, CancellationToken cancellationToken)
    {
        var named = GetRows(resource.Name);
        var decisive = named.FirstOrDefault(row => row.Id.Equals(name, StringComparison.OrdinalIgnoreCase));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopping, _disposed);
        foreach (var row in decisive is null ? named : [decisive])
        {
            if (row.Last?.Event.Snapshot.ResourceReady is { } ready)
            {
                await ready.WaitAsync(ending.Token).ConfigureAwait(false);
            }
        }
    }

    private void Publish(IResource resource, string id, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        var row = GetOrAddRow(resource, id);
        if (row.Gate.IsHeldByCurrentThread)
        {
            throw new InvalidOperationException($"An update of resource '{id}' was published while another one was being made. Publish after the callback has returned.");
        }

        lock (row.Gate)
        {
            var previous = row.Last;
            var before = previous?.Event.Snapshot ?? _snapshots.CreateInitial(resource);
            var after = _snapshots.Complete(resource, id, before, stateFactory(before));
            if (previous is not null && ResourceSnapshots.AreSame(before, after))
            {
                return;
            }

            row.Last = new ResourceUpdate(new ResourceEvent(resource, id, after), (previous?.Version ?? 0) + 1);
            LogStateChange(resource, id, previous?.Event.Snapshot.State?.Text, after.State?.Text);
            foreach (var watch in _watches.Keys)
            {
                watch.Offer(id, new PendingUpdates(row.Last));
            }

            foreach (var wait in _waits.Keys)
            {
                Show(wait, row);
            }
        }
    }

    private ResourceRow GetOrAddRow(IResource resource, string id)
    {
        var row = _rows.GetOrAdd(id, static (id, service) => new ResourceRow(service.Resource, id, Interlocked.Increment(ref service.Owner._lastOrder)), (Resource: resource, Owner: this));
        if (!ReferenceEquals(row.Resource, resource))
        {
            throw new InvalidOperationException($"'{id}' is an instance of resource '{row.Resource.Name}', not of '{resource.Name}'. Publish with the resource object that the model holds.");
        }

        _resourceLoggerService.AddInstance(resource.Name, id);
        return row;
    }

    private void Show(ResourceWait wait, ResourceRow row)
    {
        if (row.Last is { } update)
        {
            wait.Observe(update, resource => GetRowIds(resource));
        }
    }

    private void Seed(CoalescingQueue<string, PendingUpdates> queue)
    {
        foreach (var row in _rows.Values.OrderBy(static row => row.Order))
        {
            if (row.Last is { } update)
            {
                queue.Offer(row.Id, new PendingUpdates(update));
            }
        }

        if (_disposed.IsCancellationRequested)
        {
            queue.Complete();
        }
    }

    /// <summary>Leaves out what the reader has already been given: a change may come from the seed and from its publisher.</summary>
    private static IEnumerable<ResourceUpdate> Unseen(PendingUpdates pending, Dictionary<string, long> seen)
    {
        foreach (var update in new[] { pending.Ended, pending.Newest })
        {
            if (update is not null && update.Version > seen.GetValueOrDefault(update.Event.ResourceId))
            {
                seen[update.Event.ResourceId] = update.Version;
                yield return update;
            }
        }
    }

    private static List<ResourceEvent> TakeNewest(CoalescingQueue<string, PendingUpdates> queue, Dictionary<string, long> seen)
    {
        var newest = new List<ResourceEvent>();
        while (queue.TryTake(out var pending))
        {
            if (Unseen(pending, seen).LastOrDefault() is { } update)
            {
                newest.Add(update.Event);
            }
        }

        return newest;
    }

    private void LogStateChange(IResource resource, string id, string? previous, string? current)
    {
        if (!string.IsNullOrEmpty(current) && !string.Equals(previous, current, StringComparison.OrdinalIgnoreCase))
        {
            ResourceNotificationLog.StateChanged(_logger, resource.Name, id, previous ?? "(none)", current);
        }
    }

    private void ThrowIfUnknown(string name)
    {
        var isKnown = _rows.ContainsKey(name)
            || _serviceProvider.GetService<DistributedApplicationModel>() is not { } model
            || model.Resources.TryGetByName(name, out _)
            || model.Resources.Any(resource => GetRowIds(resource).Contains(name, StringComparer.OrdinalIgnoreCase));
        if (!isKnown)
        {
            throw new DistributedApplicationException($"Stopped waiting for resource '{name}' to become healthy because the application model has no resource of that name.");
        }
    }

    private string Describe(string name)
    {
        var rows = _rows.TryGetValue(name, out var row) ? [row] : GetRows(name);
        var states = rows.Select(static row => $"'{row.Id}' is {row.Last?.Event.Snapshot.State?.Text ?? "unknown"}");
        return rows.Count == 0 ? "Nothing is known of it." : $"Its state: {string.Join(", ", states)}.";
    }
}
