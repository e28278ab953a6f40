namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>A command of a row.</summary>
internal sealed record ResourceSnapshotCommand(string Name, string DisplayName, string? Description, string State, string Visibility, ResourceSnapshotInput[] ArgumentInputs);
