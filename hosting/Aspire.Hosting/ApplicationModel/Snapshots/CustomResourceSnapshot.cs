using System.Collections.Immutable;
using System.Diagnostics;
using Health = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>All that is known of one resource instance at one moment. Immutable.</summary>
[DebuggerDisplay("ResourceType = {ResourceType,nq}, State = {State?.Text,nq}, HealthStatus = {HealthStatus?.ToString(),nq}, Properties = {Properties.Length}")]
public sealed record CustomResourceSnapshot
{
    /// <summary>Gets the type people see, such as <c>Project</c>.</summary>
    public required string ResourceType { get; init; }

    /// <summary>Gets the details of the resource.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>Gets when the resource was made known, in UTC.</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>Gets when the resource last started, in UTC.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>Gets when the resource last stopped, in UTC.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>Gets the state; see <see cref="KnownResourceStates"/>. Default: none.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>Gets the exit code of a process that ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Gets whether the dashboard leaves the resource out. Default: <see langword="false"/>.</summary>
    public bool IsHidden { get; init; }

    /// <summary>
    /// Gets the health. As in Aspire there is none unless the state is Running; without checks a running resource is
    /// healthy; while a check has not run it is unhealthy; otherwise it is as well as its worst check.
    /// </summary>
    public Health? HealthStatus => ComputeHealth();

    /// <summary>Gets the outcomes of the health checks; set with <see cref="CustomResourceSnapshotExtensions.WithHealthReports"/>. Default: none.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    /// <summary>Gets the environment variables. Default: none.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>Gets the addresses. Default: none.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>Gets the storage. Default: none.</summary>
    public ImmutableArray<VolumeSnapshot> Volumes { get; init; } = [];

    /// <summary>Gets the ties to other resources. Default: none.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>Gets the commands as they are at this moment. Default: none.</summary>
    public ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    /// <summary>Gets the Fluent UI icon of the resource. Default: chosen by the dashboard.</summary>
    public string? IconName { get; init; }

    /// <summary>Gets the look of the icon. Default: filled.</summary>
    public IconVariant? IconVariant { get; init; }

    /// <summary>Gets a task that completes when the subscribers of this row's <see cref="ResourceReadyEvent"/> are done; none before the event is published.</summary>
    internal Task? ResourceReady { get; init; }

    private Health? ComputeHealth()
    {
        if (State?.Text != KnownResourceStates.Running)
        {
            return null;
        }

        if (HealthReports.IsDefaultOrEmpty)
        {
            return Health.Healthy;
        }

        return HealthReports.Min(static report => report.Status ?? Health.Unhealthy);
    }
}
