namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>A tie of a row to a resource.</summary>
internal sealed record ResourceSnapshotRelationship(string ResourceName, string Type);
