namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>A variable of a row's environment; without a value when that is a secret.</summary>
internal sealed record ResourceSnapshotVariable(string Name, string? Value, bool IsFromSpec);
