namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>What a health check found; no status before it has run.</summary>
internal sealed record ResourceSnapshotHealthReport(string Name, string? Status, string? Description, string? ExceptionText);
