using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>One end of a process as its row shows it; tells an end that is new from one that is shown again.</summary>
internal sealed record RowEnd(DateTime? StoppedAt, int? ExitCode, object? EndedBy)
{
    /// <summary>The end that a row shows, or null where there is none.</summary>
    public static RowEnd? Of(CustomResourceSnapshot snapshot) =>
        snapshot.HasEnded() ? new(snapshot.StopTimeStamp, snapshot.ExitCode, snapshot.ValueOf(PropertyNames.EndedBy)) : null;
}
