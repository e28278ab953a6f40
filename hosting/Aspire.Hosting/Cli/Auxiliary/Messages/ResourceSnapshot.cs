using System.Text.Json.Nodes;

namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>A row, as the CLI shows it. Times are in UTC.</summary>
internal sealed record ResourceSnapshot
{
    /// <summary>The row's own name.</summary>
    public required string Name { get; init; }

    /// <summary>The model's name of the resource.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The kind of resource.</summary>
    public required string ResourceType { get; init; }

    /// <summary>What older clients read in place of <see cref="ResourceType"/>.</summary>
    public string Type => ResourceType;

    public string? State { get; init; }

    public string? StateStyle { get; init; }

    public string? HealthStatus { get; init; }

    /// <summary>The resources that it waits for; null when it waits for none.</summary>
    public string[]? WaitingFor { get; init; }

    public int? ExitCode { get; init; }

    public DateTime? CreatedAt { get; init; }

    public DateTime? StartedAt { get; init; }

    public DateTime? StoppedAt { get; init; }

    public bool IsHidden { get; init; }

    public required ResourceSnapshotUrl[] Urls { get; init; }

    public required ResourceSnapshotRelationship[] Relationships { get; init; }

    public required ResourceSnapshotHealthReport[] HealthReports { get; init; }

    public required ResourceSnapshotVolume[] Volumes { get; init; }

    public required ResourceSnapshotVariable[] EnvironmentVariables { get; init; }

    /// <summary>Details by name; null in place of a secret.</summary>
    public required Dictionary<string, JsonNode?> Properties { get; init; }

    public required ResourceSnapshotCommand[] Commands { get; init; }
}
