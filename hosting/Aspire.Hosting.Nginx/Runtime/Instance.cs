using System.Collections.Immutable;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>
/// One process or container behind nginx. It is a member of its upstream from when it is seen to listen. A crash and a restart change
/// nothing: nginx finds out that nobody listens by one connection attempt, and a reload would cost its clients their idle connections.
/// </summary>
/// <param name="resourceId">The id of its row.</param>
/// <param name="upstream">The name of the upstream.</param>
/// <param name="hasOwnHealth">Whether the health of the row is that of this instance.</param>
/// <param name="probeHealth">Asks its health checks again and again until it is cancelled; null where only its row shows its health.</param>
/// <param name="workers">Whoever connects to it.</param>
/// <param name="changed">Is called when the members of the upstream may have changed.</param>
/// <param name="timeProvider">The clock.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class Instance(
    string resourceId,
    string upstream,
    bool hasOwnHealth,
    Func<Func<ProbeResult, Task>, CancellationToken, Task>? probeHealth,
    WorkerAccess workers,
    Action changed,
    TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>A process opens its addresses one after another; the best one is waited for after another was seen.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <summary>Who ended and is not back by then leaves. A restart takes less; a port may be somebody else's later.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>One probe may be lost when the machine is busy; who fails the next one, too, leaves.</summary>
    private const int FailuresToLeave = 2;

    private readonly Lock _lock = new();
    private ImmutableArray<InstanceAddress> _candidates = [];
    private CancellationTokenSource? _probing;
    private CancellationTokenSource? _leaving;
    private CancellationTokenSource? _askingHealth;
    private int _failures;
    private Task _probe = Task.CompletedTask;
    private object? _run;
    private DateTime _listeningSince;
    private bool _isUnhealthy;

    public string ResourceId => resourceId;

    public string Upstream => upstream;

    /// <summary>Where it answers, or last answered; null before it was seen to listen.</summary>
    public InstanceAddress? Address { get; private set; }

    /// <summary>Whether it was ever seen to listen.</summary>
    public bool HasListened { get; private set; }

    public bool IsMember => Address is not null && !_isUnhealthy;

    /// <summary>Whether it runs now.</summary>
    public bool IsRunning => _run is not null;

    /// <summary>Whether it is no member because it does not answer in time: it hangs, or the machine is busy.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Ends when the instance was seen to listen, or ended.</summary>
    public Task Probe => _probe;

    /// <summary>Takes in what the row has become.</summary>
    /// <param name="snapshot">The row.</param>
    /// <param name="candidates">Where it may answer, best first.</param>
    /// <param name="cancellationToken">Ends the attempts to connect.</param>
    public async Task UpdateAsync(CustomResourceSnapshot snapshot, IReadOnlyList<InstanceAddress> candidates, CancellationToken cancellationToken)
    {
        if (snapshot.State?.Text != KnownResourceStates.Running)
        {
            End(cancellationToken);
            return;
        }

        Begin((snapshot.StartTimeStamp, snapshot.Properties.FirstOrDefault(static property => property.Name == "executable.pid")?.Value), [.. candidates], cancellationToken);
        await SetHealthAsync(snapshot, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks again where it listens: its socket has been made anew.</summary>
    public void LookAgain(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_run is not null)
            {
                StartProbe(cancellationToken);
            }
        }
    }

    public bool MayListenAt(string path) => _candidates.Any(candidate => candidate.SocketPath == path);

    public void Dispose()
    {
        _probing?.Dispose();
        _leaving?.Dispose();
        _askingHealth?.Dispose();
    }

    private void Begin(object run, ImmutableArray<InstanceAddress> candidates, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (run.Equals(_run) && candidates.SequenceEqual(_candidates))
            {
                return;
            }

            _leaving?.Cancel();
            if (!run.Equals(_run))
            {
                AskHealth(cancellationToken);
            }

            (_run, _candidates, _listeningSince) = (run, candidates, DateTime.MaxValue);
            StartProbe(cancellationToken);
        }
    }

    private void End(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_run is null)
            {
                return;
            }

            _run = null;
            _probing?.Cancel();
            _askingHealth?.Cancel();
            _leaving?.Dispose();
            _leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _ = LeaveAsync(_leaving.Token);
        }
    }

    private void AskHealth(CancellationToken cancellationToken)
    {
        _askingHealth?.Cancel();
        _askingHealth?.Dispose();
        _askingHealth = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _failures = 0;
        if (probeHealth is not null)
        {
            var token = _askingHealth.Token;
            _ = Task.Run(() => probeHealth(result => ReportAsync(result, token), token), CancellationToken.None);
        }
    }

    /// <summary>
    /// Takes what a probe found. Only who listens and is unhealthy leaves: a start and a stop take their time, and nginx sees by itself that
    /// nobody listens.
    /// </summary>
    private async Task ReportAsync(ProbeResult result, CancellationToken cancellationToken)
    {
        var isHealthy = result == ProbeResult.Healthy;
        var isAsked = !isHealthy && _probe.IsCompleted && Address is { } address && await address.IsListeningAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _failures = isAsked ? _failures + 1 : 0;
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

    private void StartProbe(CancellationToken cancellationToken)
    {
        _probing?.Cancel();
        _probing?.Dispose();
        _probing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = _probing.Token;
        _probe = Task.Run(() => ProbeAsync(_candidates, token), CancellationToken.None);
    }

    /// <summary>Connects to the addresses until one is taken.</summary>
    private async Task ProbeAsync(ImmutableArray<InstanceAddress> candidates, CancellationToken cancellationToken)
    {
        long? seen = null;
        for (var pause = FirstPause; candidates.Length > 0 && !cancellationToken.IsCancellationRequested; pause = Longer(pause))
        {
            var found = await FirstListeningAsync(candidates, cancellationToken).ConfigureAwait(false);
            if (found is not null)
            {
                seen ??= timeProvider.GetTimestamp();
                pause = FirstPause;
            }

            if (found is not null && (found == candidates[0] || timeProvider.GetElapsedTime(seen!.Value) >= Patience))
            {
                Settle(found, cancellationToken);
                return;
            }

            await Task.Delay(pause, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 1.05 is var longer && longer < LongestPause ? longer : LongestPause;

    private async Task<InstanceAddress?> FirstListeningAsync(ImmutableArray<InstanceAddress> candidates, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var candidate in candidates)
            {
                // Whoever may not connect to a socket must not be sent there.
                if (await candidate.IsListeningAsync(cancellationToken).ConfigureAwait(false)
                    && (candidate.SocketPath is not { } path || workers.Admit(path)))
                {
                    return candidate;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The instance has ended.
        }

        return null;
    }

    private void Settle(InstanceAddress address, CancellationToken cancellationToken)
    {
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

    /// <summary>
    /// Only who listens and is unhealthy leaves, until it is healthy again. That nobody listens is seen by nginx itself, and a report
    /// from before somebody listened is about that.
    /// </summary>
    private async Task SetHealthAsync(CustomResourceSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (!hasOwnHealth || probeHealth is not null)
        {
            return;
        }

        var isUnhealthy = snapshot.HealthStatus != HealthStatus.Healthy
            && (_isUnhealthy
                || (Address is { } address
                    && snapshot.HealthReports.Any(report => report is { Status: HealthStatus.Unhealthy or HealthStatus.Degraded } && (report.LastRunAt ?? DateTime.MaxValue) > _listeningSince)
                    && await address.IsListeningAsync(cancellationToken).ConfigureAwait(false)));
        if (isUnhealthy != _isUnhealthy)
        {
            _isUnhealthy = isUnhealthy;
            changed();
        }
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Grace, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            if (cancellationToken.IsCancellationRequested || _run is not null)
            {
                return;
            }

            (Address, _isUnhealthy) = (null, false);
        }

        changed();
    }
}
