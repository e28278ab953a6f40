using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration.Commands;
using Aspire.Hosting.Orchestration.Instances;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

/// <summary>A project or executable: its instances, the row of the group they form, and when it counts as ready.</summary>
internal sealed class ProcessResource : ILifecycle, IScalable, IAsyncDisposable
{
    private const int FewestReplicas = 1;

    private readonly IDistributedApplicationEventing _eventing;
    private readonly IServiceProvider _services;
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceReporter _reporter;
    private readonly GroupRow? _group;
    private readonly ResourceInstancesAnnotation _rows;
    private readonly SemaphoreSlim _refresh = new(1, 1);
    private readonly SemaphoreSlim _scaling = new(1, 1);
    private readonly CancellationTokenSource _shutdown = new();
    private readonly List<ResourceStart> _starts = [];
    private bool _ready;
    private volatile bool _hasRun;

    public ProcessResource(
        IResource resource,
        IReadOnlyList<ResourceInstance> instances,
        GroupRow? group,
        IDistributedApplicationEventing eventing,
        ResourceNotificationService notifications,
        ResourceReporter reporter,
        IServiceProvider services)
    {
        Resource = resource;
        Instances = instances;
        _rows = resource.Annotations.OfType<ResourceInstancesAnnotation>().Last();
        _group = group;
        _eventing = eventing;
        _notifications = notifications;
        _reporter = reporter;
        _services = services;

        foreach (var instance in instances)
        {
            instance.Changed += RefreshAsync;
        }
    }

    public IResource Resource { get; }

    /// <summary>Every instance, spares last.</summary>
    public IReadOnlyList<ResourceInstance> Instances { get; }

    /// <inheritdoc />
    public int MaximumReplicas => _group is null ? 1 : Instances.Count;

    /// <summary>The instances without the spares.</summary>
    private IReadOnlyList<ResourceInstance> Active => [.. Instances.Take(ActiveCount)];

    private int ActiveCount => _rows.Ids.Length - (_group is null ? 0 : 1);

    /// <summary>Shows the rows: the group's first, since it is the parent of the others.</summary>
    public async Task InitializeAsync()
    {
        if (_group is not null)
        {
            await _group.InitializeAsync(ActiveCount, MaximumReplicas).ConfigureAwait(false);
        }

        for (var i = 0; i < Instances.Count; i++)
        {
            await Instances[i].InitializeAsync(hidden: i >= ActiveCount).ConfigureAwait(false);
        }
    }

    /// <summary>Starts all instances but the spares, once what they wait for is there.</summary>
    public Task StartAllAsync(CancellationToken cancellationToken) => StartAsync(Active, cancellationToken);

    /// <summary>Stops all instances within the grace given, for good: no command starts one again. Whoever is told of it has as long.</summary>
    public async Task ShutDownAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        await _shutdown.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(Instances.Select(i => i.StopAsync(grace, cancellationToken))).ConfigureAwait(false);
        await Task.WhenAll(Instances.Select(i => i.Told)).WaitAsync(grace, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc />
    public Task StartAsync(string instance, CancellationToken cancellationToken)
    {
        var wanted = FindActive(instance);
        lock (_starts)
        {
            if (_starts.Find(s => s.Instances.Contains(wanted)) is { } underWay)
            {
                // Someone who says "start" to a resource that waits means now.
                underWay.Dependencies.Skip();
                return Task.CompletedTask;
            }
        }

        return StartAsync([wanted], cancellationToken);
    }

    /// <inheritdoc />
    public Task StopAsync(string instance, CancellationToken cancellationToken) => Find(instance).StopAsync(cancellationToken);

    /// <inheritdoc />
    public Task RestartAsync(string instance, CancellationToken cancellationToken)
    {
        // Who asked may be gone before the stop is done, such as a page that was closed. What was stopped in order to be
        // started again is started all the same.
        cancellationToken.ThrowIfCancellationRequested();
        return RestartAsync(FindActive(instance)).WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public Task<string> ScaleAsync(int change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ScaleAsync(change).WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Instances)
        {
            await instance.DisposeAsync().ConfigureAwait(false);
        }

        _refresh.Dispose();
        _scaling.Dispose();
        _shutdown.Dispose();
    }

    private ResourceInstance Find(string id) =>
        Instances.FirstOrDefault(i => i.Name.Id == id)
        ?? throw new DistributedApplicationException($"Resource '{Resource.Name}' has no instance '{id}'.");

    /// <exception cref="DistributedApplicationException">There is no such instance, or it is a spare.</exception>
    private ResourceInstance FindActive(string id) =>
        Find(id) is var instance && Active.Contains(instance)
            ? instance
            : throw new DistributedApplicationException($"'{id}' is a spare replica of '{Resource.Name}': scale up to use it.");

    private async Task RestartAsync(ResourceInstance instance)
    {
        await instance.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await StartAsync([instance], CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<string> ScaleAsync(int change)
    {
        await _scaling.WaitAsync(_shutdown.Token).ConfigureAwait(false);
        try
        {
            await (change > 0 ? AddAsync() : RemoveAsync()).ConfigureAwait(false);
            return ReplicaCount();
        }
        finally
        {
            _scaling.Release();
        }
    }

    private async Task AddAsync()
    {
        if (ActiveCount >= MaximumReplicas)
        {
            throw new DistributedApplicationException($"{ReplicaCount()}, and may have no more.");
        }

        var added = Instances[ActiveCount];
        _rows.Grow(1);
        await added.HideAsync(false).ConfigureAwait(false);
        await RefreshAsync().ConfigureAwait(false);
        await StartAsync([added], CancellationToken.None).ConfigureAwait(false);
        if (!added.IsRunning)
        {
            throw new DistributedApplicationException($"{ReplicaCount()}, but '{added.Name.Id}' did not start; its console says why.");
        }
    }

    private async Task RemoveAsync()
    {
        if (ActiveCount <= FewestReplicas)
        {
            throw new DistributedApplicationException($"{ReplicaCount()}, and may not have fewer.");
        }

        // It counts no longer from now on, so that nobody takes its end for a loss.
        var removed = Instances[ActiveCount - 1];
        _rows.Grow(-1);
        await RefreshAsync().ConfigureAwait(false);
        await removed.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await removed.ShowAsync(KnownResourceStates.NotStarted).ConfigureAwait(false);
        await removed.HideAsync(true).ConfigureAwait(false);
    }

    private string ReplicaCount() =>
        string.Create(CultureInfo.InvariantCulture, $"'{Resource.Name}' has {ActiveCount} of at most {MaximumReplicas} replicas");

    private async Task StartAsync(IReadOnlyList<ResourceInstance> instances, CancellationToken cancellationToken)
    {
        if (_shutdown.IsCancellationRequested)
        {
            throw new DistributedApplicationException($"Resource '{Resource.Name}' is not started: the application stops.");
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _shutdown.Token);
        ending.Token.ThrowIfCancellationRequested();
        if (Begin(instances) is not { } start)
        {
            return;
        }

        try
        {
            await RunAsync(start, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What nobody starts any more must not look as if somebody did.
            await ShowAsync(start.Instances.Where(i => !i.IsRunning), KnownResourceStates.NotStarted).ConfigureAwait(false);
            throw;
        }
        finally
        {
            lock (_starts)
            {
                _starts.Remove(start);
            }
        }
    }

    /// <summary>Begins a start of those that neither run nor are being started; null when there are none.</summary>
    private ResourceStart? Begin(IReadOnlyList<ResourceInstance> instances)
    {
        lock (_starts)
        {
            ResourceInstance[] idle = [.. instances.Where(i => !i.IsRunning && !_starts.Exists(s => s.Instances.Contains(i)))];
            if (idle.Length == 0)
            {
                return null;
            }

            var start = new ResourceStart(idle, new DependencyWait(Resource, _notifications));
            if (_hasRun)
            {
                // Waits order the first start. A proxy that is restarted while one replica is down must serve with the others.
                start.Dependencies.Skip();
            }

            _starts.Add(start);
            return start;
        }
    }

    private async Task RunAsync(ResourceStart start, CancellationToken cancellationToken)
    {
        try
        {
            await ShowAsync(start.Instances, KnownResourceStates.Starting).ConfigureAwait(false);
            if (await start.Dependencies.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                await ShowAsync(start.Instances, KnownResourceStates.Starting).ConfigureAwait(false);
            }

            await _eventing.PublishAsync(new BeforeResourceStartedEvent(Resource, _services), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !IsEnding(cancellationToken))
        {
            await Task.WhenAll(start.Instances.Select(i => i.FailAsync(e.Message))).ConfigureAwait(false);
            return;
        }

        await Task.WhenAll(start.Instances.Select(i => i.StartAsync(cancellationToken))).ConfigureAwait(false);
        _hasRun |= start.Instances.Any(i => i.IsRunning);
    }

    /// <summary>Tells the end of the start or of the application from a subscriber's own timeout, which is a failure.</summary>
    private bool IsEnding(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested || _notifications.Stopping.IsCancellationRequested;

    private static Task ShowAsync(IEnumerable<ResourceInstance> instances, string state) => Task.WhenAll(instances.Select(i => i.ShowAsync(state)));

    private async Task RefreshAsync()
    {
        await _refresh.WaitAsync().ConfigureAwait(false);
        try
        {
            var state = GroupState.Of([.. Active.Select(i => i.Status)]);
            if (_group is not null)
            {
                await _group.RefreshAsync(state).ConfigureAwait(false);
            }

            await BecomeReadyAsync(state).ConfigureAwait(false);
        }
        finally
        {
            _refresh.Release();
        }
    }

    /// <summary>Ready is told once a life: when all instances serve for the first time since the resource last ran.</summary>
    private async Task BecomeReadyAsync(GroupState state)
    {
        if (state.State != KnownResourceStates.Running)
        {
            _ready = false;
            return;
        }

        if (_ready || state.Health != HealthStatus.Healthy)
        {
            return;
        }

        _ready = true;
        var subscribers = Task.Run(() => _eventing.PublishAsync(new ResourceReadyEvent(Resource, _services), CancellationToken.None));
        _reporter.ReportFailure(subscribers, Resource.Name, nameof(ResourceReadyEvent));
        await (_group is null ? Instances[0].ShowReadyAsync(subscribers) : _group.ShowReadyAsync(subscribers)).ConfigureAwait(false);
        _reporter.Ready(Resource.Name, ShownUrls());
    }

    private IEnumerable<string> ShownUrls() =>
        Instances
            .SelectMany(i => _notifications.TryGetCurrentState(i.Name.Id, out var row) ? row.Snapshot.Urls : [])
            .Where(u => !u.IsInternal && !u.IsInactive)
            .Select(u => u.Url)
            .Distinct();
}
