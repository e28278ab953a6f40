namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>What <c>aspire ps</c> lists of an AppHost.</summary>
/// <param name="Pid">The process id, as text.</param>
/// <param name="AspireHostVersion">The version of Aspire that the AppHost speaks.</param>
/// <param name="AppHostPath">The project file.</param>
/// <param name="CliProcessId">The CLI that started it.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="CliLogFilePath">Where that CLI logs.</param>
internal sealed record AppHostInfo(string Pid, string AspireHostVersion, string AppHostPath, int? CliProcessId, DateTimeOffset? StartedAt, string? CliLogFilePath);
