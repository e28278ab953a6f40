using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration.Commands;
using Aspire.Hosting.Orchestration.Instances;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

/// <summary>A project or executable: its instances, the row of the group they form, and when it counts as ready.</summary>
internal sealed class ProcessResource : ILifecycle, IAsyncDisposable
{
    /// <summary>How long a stop command lets an instance finish its work before it is ended by force.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(30);

    private readonly IDistributedApplicationEventing _eventing;
    private readonly IServiceProvider _services;
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceReporter _reporter;
    private readonly GroupRow? _group;
    private readonly SemaphoreSlim _refresh = new(1, 1);
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

    public IReadOnlyList<ResourceInstance> Instances { get; }

    /// <summary>Shows the rows: the group's first, since it is the parent of the others.</summary>
    public async Task InitializeAsync()
    {
        if (_group is not null)
        {
            await _group.InitializeAsync().ConfigureAwait(false);
        }

        foreach (var instance in Instances)
        {
            await instance.InitializeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts all instances, once what they wait for is there.</summary>
    public Task StartAllAsync(CancellationToken cancellationToken) => StartAsync(Instances, cancellationToken);

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
        var wanted = Find(instance);
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
    public Task StopAsync(string instance, CancellationToken cancellationToken) => Find(instance).StopAsync(StopGrace, cancellationToken);

    /// <inheritdoc />
    public async Task RestartAsync(string instance, CancellationToken cancellationToken)
    {
        await StopAsync(instance, cancellationToken).ConfigureAwait(false);
        await StartAsync([Find(instance)], cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Instances)
        {
            await instance.DisposeAsync().ConfigureAwait(false);
        }

        _refresh.Dispose();
        _shutdown.Dispose();
    }

    private ResourceInstance Find(string id) =>
        Instances.FirstOrDefault(i => i.Name.Id == id)
        ?? throw new DistributedApplicationException($"Resource '{Resource.Name}' has no instance '{id}'.");

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
            var state = GroupState.Of([.. Instances.Select(i => i.Status)]);
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
