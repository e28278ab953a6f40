using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Machine;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Makes events of what a row shows. A row is shown again and again; an end is told once.</summary>
internal sealed class RowReader
{
    private DateTimeOffset? _startedAt;

    /// <summary>The end that was told last, until there is a process again.</summary>
    public RowEnd? End { get; private set; }

    /// <returns>What happened, or null where that is nothing to a supervisor.</returns>
    public InstanceEvent? Read(CustomResourceSnapshot snapshot, DateTimeOffset now)
    {
        var state = snapshot.State?.Text;
        if (state == KnownResourceStates.Running)
        {
            End = null;
            _startedAt = Utc(snapshot.StartTimeStamp) ?? _startedAt ?? now;
            return new InstanceEvent.Running(now, _startedAt.Value, snapshot.HealthStatus == HealthStatus.Healthy);
        }

        if (state == KnownResourceStates.Starting || state == KnownResourceStates.Waiting || state == KnownResourceStates.Building)
        {
            (End, _startedAt) = (null, null);
            return new InstanceEvent.Starting(now);
        }

        if (state == KnownResourceStates.Stopping)
        {
            return new InstanceEvent.Stopping(now);
        }

        if (state == KnownResourceStates.NotStarted)
        {
            return new InstanceEvent.Ended(now, EndCause.Stop, null, TimeSpan.Zero);
        }

        return state is not null && KnownResourceStates.TerminalStates.Contains(state) ? ReadEnd(snapshot, now) : null;
    }

    private InstanceEvent.Ended? ReadEnd(CustomResourceSnapshot snapshot, DateTimeOffset now)
    {
        var end = RowEnd.Of(snapshot)!;
        if (end == End || End?.IsSameRun(end) == true)
        {
            return null;
        }

        var startedAt = Utc(snapshot.StartTimeStamp) ?? _startedAt;
        (End, _startedAt) = (end, null);
        return new InstanceEvent.Ended(now, CauseOf(snapshot), snapshot.ExitCode, startedAt is null ? TimeSpan.Zero : (Utc(snapshot.StopTimeStamp) ?? now) - startedAt.Value);
    }

    private static EndCause CauseOf(CustomResourceSnapshot snapshot) => snapshot.ValueOf(PropertyNames.EndedBy) switch
    {
        PropertyNames.EndedByStop => EndCause.Stop,
        _ when snapshot.State?.Text == KnownResourceStates.FailedToStart => EndCause.FailedToStart,
        null => EndCause.Unknown,
        _ => EndCause.Exit,
    };

    private static DateTimeOffset? Utc(DateTime? time) => time is { } value ? new DateTimeOffset(value.ToUniversalTime(), TimeSpan.Zero) : null;
}
