using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>One end of a process as its row shows it; tells an end that is new from one that is shown again.</summary>
internal sealed record RowEnd(DateTime? StartedAt, DateTime? StoppedAt, int? ExitCode, object? EndedBy)
{
    /// <summary>Whether another end is this one, of which more is known by now.</summary>
    public bool IsSameRun(RowEnd other) => StartedAt is not null && StartedAt == other.StartedAt && Equals(EndedBy, other.EndedBy);

    /// <summary>The end that a row shows, or null where there is none.</summary>
    public static RowEnd? Of(CustomResourceSnapshot snapshot) =>
        snapshot.HasEnded() ? new(snapshot.StartTimeStamp, snapshot.StopTimeStamp, snapshot.ExitCode, snapshot.ValueOf(PropertyNames.EndedBy)) : null;
}
