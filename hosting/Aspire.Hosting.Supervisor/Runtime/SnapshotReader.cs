using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Machine;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>
/// Turns the snapshots of an instance into events, and reports each end once.
/// </summary>
/// <remarks>
/// The kernel reports an end first. The orchestrator's snapshots show it half a second later, and once more before the next start.
/// </remarks>
internal sealed class SnapshotReader
{
    private DateTimeOffset? _startedAt;
    private DateTimeOffset _seenAt;
    private DateTimeOffset? _endedRun;
    private bool _isFailureRead;

    /// <summary>The event that a snapshot shows.</summary>
    /// <returns>The event, or null when the snapshot shows nothing new.</returns>
    public InstanceEvent? Read(CustomResourceSnapshot snapshot, DateTimeOffset now)
    {
        var state = snapshot.State?.Text;
        if (state == KnownResourceStates.Running)
        {
            return ReadRunning(snapshot, now);
        }

        if (state == KnownResourceStates.Starting || state == KnownResourceStates.Waiting || state == KnownResourceStates.Building)
        {
            _isFailureRead = false;
            return new InstanceEvent.Starting(now);
        }

        if (state == KnownResourceStates.FailedToStart)
        {
            return ReadFailure(now);
        }

        return state is not null && KnownResourceStates.TerminalStates.Contains(state) ? ReadEnd(snapshot, now) : null;
    }

    /// <summary>The event for the end of a run that the kernel has reported.</summary>
    /// <returns>The event, or null when a snapshot showed the end before.</returns>
    public InstanceEvent.Ended? End(DateTimeOffset startedAt, int? exitCode, DateTimeOffset now)
    {
        if (_endedRun == startedAt)
        {
            return null;
        }

        _endedRun = startedAt;
        return new(now, EndCause.Unknown, exitCode, now - _seenAt);
    }

    private InstanceEvent.Running? ReadRunning(CustomResourceSnapshot snapshot, DateTimeOffset now)
    {
        _isFailureRead = false;
        var startedAt = Utc(snapshot.StartTimeStamp) ?? _startedAt ?? now;
        if (startedAt == _endedRun)
        {
            return null;
        }

        (_startedAt, _seenAt) = (startedAt, startedAt == _startedAt ? _seenAt : now);
        return new(now, startedAt, snapshot.HealthStatus == HealthStatus.Healthy, IsAlive: false);
    }

    private InstanceEvent.Ended? ReadFailure(DateTimeOffset now)
    {
        if (_isFailureRead)
        {
            return null;
        }

        _isFailureRead = true;
        return new(now, EndCause.FailedToStart, null, TimeSpan.Zero);
    }

    private InstanceEvent.Ended? ReadEnd(CustomResourceSnapshot snapshot, DateTimeOffset now)
    {
        if (Utc(snapshot.StartTimeStamp) is not { } startedAt)
        {
            return ReadFailure(now);
        }

        if (startedAt == _endedRun)
        {
            return null;
        }

        var ran = startedAt == _startedAt ? now - _seenAt : Utc(snapshot.StopTimeStamp) - startedAt;
        (_startedAt, _endedRun) = (startedAt, startedAt);
        return new(now, EndCause.Unknown, snapshot.ExitCode, ran > TimeSpan.Zero ? ran.Value : TimeSpan.Zero);
    }

    private static DateTimeOffset? Utc(DateTime? time) =>
        time is { } value ? new DateTimeOffset(value.ToUniversalTime(), TimeSpan.Zero) : null;
}
