using System.Collections.Immutable;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>
/// One process or container behind nginx. It becomes a member of its upstream when it is seen to listen. A crash and a restart change
/// nothing: nginx notices by one failed connection that it is down, and a reload would close idle connections of clients.
/// </summary>
/// <param name="resource">The resource.</param>
/// <param name="resourceId">The id of its snapshots, such as <c>api-qwertyui</c>.</param>
/// <param name="workers">What nginx's workers may connect to.</param>
/// <param name="changed">Called when it may have joined or left.</param>
/// <param name="health">Runs its health checks; null where only snapshots show its health.</param>
/// <param name="timeProvider">The clock.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class Instance(
    IResource resource,
    string resourceId,
    WorkerAccess workers,
    Action changed,
    HealthProbe? health,
    TimeProvider timeProvider) : IDisposable
{
    /// <summary>How long an instance that has ended stays a member: longer than a restart takes, before its port is reused.</summary>
    private static readonly TimeSpan LongestRestart = TimeSpan.FromSeconds(10);

    /// <summary>Failed health checks in a row after which it leaves: one may fail because the machine is busy.</summary>
    private const int FailuresToLeave = 2;

    private readonly Lock _lock = new();
    private readonly HealthProbe? _health = health is not null && HealthProbe.CanAsk(resource) ? health : null;
    private readonly SingleTask _search = new();
    private readonly SingleTask _healthChecks = new();
    private readonly SingleTask _leaving = new();
    private ImmutableArray<InstanceAddress> _candidates = [];
    private int _failures;
    private object? _run;
    private DateTime _listeningSince;
    private bool _isUnhealthy;

    public string ResourceId => resourceId;

    /// <summary>The address at which it listens, or last listened; null before, and after it has left.</summary>
    public InstanceAddress? Address { get; private set; }

    /// <summary>Whether it has ever been seen to listen.</summary>
    public bool HasListened { get; private set; }

    public bool IsMember => Address is not null && !_isUnhealthy;

    public bool IsRunning => _run is not null;

    /// <summary>Whether its address is that of several processes, which take turns.</summary>
    public bool IsShared { get; private set; }

    /// <summary>Whether it is unhealthy because it did not answer in time: it hangs, or the machine is busy.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Whether its address is no longer searched for: it was found, or the instance has ended.</summary>
    public bool IsSettled => _search.Task.IsCompleted;

    /// <summary>Follows a change of its snapshot.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="candidates">The addresses at which it may listen, best first.</param>
    /// <param name="cancellationToken">Ends all that this begins.</param>
    public async Task UpdateAsync(
        CustomResourceSnapshot snapshot, IReadOnlyList<InstanceAddress> candidates, CancellationToken cancellationToken)
    {
        if (snapshot.State?.Text != KnownResourceStates.Running)
        {
            End(cancellationToken);
            return;
        }

        IsShared = InstanceAddresses.AreShared(snapshot);
        var processId = snapshot.Properties.FirstOrDefault(static property => property.Name == "executable.pid")?.Value;
        Begin((snapshot.StartTimeStamp, processId), [.. candidates], cancellationToken);
        if (resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault() is not { Replicas: > 1 } && _health is null)
        {
            // Of several replicas Aspire checks one, through its proxy, and writes the result into the snapshots of all.
            await SetHealthAsync(snapshot, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Searches for its address again where it may listen at a path: the socket there is a new one.</summary>
    public void OnSocketCreated(string path, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_run is not null && _candidates.Any(candidate => candidate.SocketPath == path))
            {
                Search(cancellationToken);
            }
        }
    }

    public void Dispose()
    {
        _search.Dispose();
        _healthChecks.Dispose();
        _leaving.Dispose();
    }

    private void Begin(object run, ImmutableArray<InstanceAddress> candidates, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (run.Equals(_run) && candidates.SequenceEqual(_candidates))
            {
                return;
            }

            _leaving.Cancel();
            if (!run.Equals(_run))
            {
                _failures = 0;
                _healthChecks.Start(CheckHealthAsync, cancellationToken);
            }

            (_run, _candidates, _listeningSince) = (run, candidates, DateTime.MaxValue);
            Search(cancellationToken);
        }
    }

    private void End(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_run is not null)
            {
                _run = null;
                _search.Cancel();
                _healthChecks.Cancel();
                _leaving.Start(LeaveAsync, cancellationToken);
            }
        }
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(LongestRestart, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            (Address, _isUnhealthy) = (null, false);
        }

        changed();
    }

    private void Search(CancellationToken cancellationToken) => _search.Start(SearchAsync, cancellationToken);

    private async Task SearchAsync(CancellationToken cancellationToken)
    {
        if (await AddressSearch.FindAsync(_candidates, workers, timeProvider, cancellationToken).ConfigureAwait(false) is not { } address)
        {
            return;
        }

        lock (_lock)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            (Address, HasListened, _listeningSince) = (address, true, timeProvider.GetUtcNow().UtcDateTime);
        }

        changed();
    }

    private Task CheckHealthAsync(CancellationToken cancellationToken) =>
        _health?.RunAsync(resource, result => SetHealthAsync(result, cancellationToken), cancellationToken) ?? Task.CompletedTask;

    /// <summary>
    /// Takes the result of a health check. Only an instance that listens leaves for it: while it starts or stops, nginx notices by itself
    /// that it does not listen.
    /// </summary>
    private async Task SetHealthAsync(ProbeResult result, CancellationToken cancellationToken)
    {
        var isHealthy = result == ProbeResult.Healthy;
        var counts = !isHealthy && IsSettled && await IsListeningAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _failures = counts ? _failures + 1 : 0;
            var isUnhealthy = !isHealthy && (_isUnhealthy || _failures >= FailuresToLeave);
            var isSilent = isUnhealthy && result == ProbeResult.Silent;
            if (cancellationToken.IsCancellationRequested || (isUnhealthy, isSilent) == (_isUnhealthy, IsSilent))
            {
                return;
            }

            (_isUnhealthy, IsSilent) = (isUnhealthy, isSilent);
        }

        changed();
    }

    /// <summary>Takes the health that a snapshot shows. A failure from before it listened does not count.</summary>
    private async Task SetHealthAsync(CustomResourceSnapshot snapshot, CancellationToken cancellationToken)
    {
        var isUnhealthy = snapshot.HealthStatus != HealthStatus.Healthy
            && (_isUnhealthy
                || (snapshot.HealthReports.Any(HasFailedSince) && await IsListeningAsync(cancellationToken).ConfigureAwait(false)));
        if (isUnhealthy != _isUnhealthy)
        {
            _isUnhealthy = isUnhealthy;
            changed();
        }
    }

    private bool HasFailedSince(HealthReportSnapshot report) =>
        report.Status is HealthStatus.Unhealthy or HealthStatus.Degraded && (report.LastRunAt ?? DateTime.MaxValue) > _listeningSince;

    private async ValueTask<bool> IsListeningAsync(CancellationToken cancellationToken) =>
        Address is { } address && await address.IsListeningAsync(cancellationToken).ConfigureAwait(false);
}

/// <summary>Work that is under way at most once: starting it again cancels what was started before.</summary>
internal sealed class SingleTask : IDisposable
{
    private CancellationTokenSource _cancellation = new();

    public Task Task { get; private set; } = Task.CompletedTask;

    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Cancels it too.</param>
    public void Start(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        _cancellation.Cancel();
        _cancellation.Dispose();
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = _cancellation.Token;
        Task = Task.Run(() => work(token), CancellationToken.None);
    }

    public void Cancel() => _cancellation.Cancel();

    public void Dispose() => Cancel();
}
