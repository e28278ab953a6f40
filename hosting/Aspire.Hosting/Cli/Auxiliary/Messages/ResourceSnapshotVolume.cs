namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Storage of a row.</summary>
internal sealed record ResourceSnapshotVolume(string? Source, string Target, string MountType, bool IsReadOnly);
