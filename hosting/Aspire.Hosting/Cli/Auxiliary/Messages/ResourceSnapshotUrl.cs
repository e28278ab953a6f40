namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>An address of a row.</summary>
internal sealed record ResourceSnapshotUrl(string Name, string Url, bool IsInternal, ResourceSnapshotUrlDisplay DisplayProperties);
