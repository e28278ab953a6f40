namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>How an address is shown.</summary>
internal sealed record ResourceSnapshotUrlDisplay(string? DisplayName, int SortOrder);
