namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Which process this AppHost is, and which CLI started it.</summary>
/// <param name="AppHostPath">The project file.</param>
/// <param name="ProcessId">This process.</param>
/// <param name="StartedAt">When it started, by the clock.</param>
/// <param name="StableStartedAt">When it started, on a clock that is never set.</param>
/// <param name="CliProcessId">The CLI; null when none started it: one that has ended takes its AppHosts along.</param>
/// <param name="CliStartedAt">When the CLI started, by the clock.</param>
/// <param name="CliStableStartedAt">When the CLI started, on a clock that is never set.</param>
/// <param name="CliLogFilePath">Where the CLI logs.</param>
internal sealed record AppHostInformation(
    string AppHostPath,
    int ProcessId,
    DateTimeOffset? StartedAt,
    DateTimeOffset? StableStartedAt,
    int? CliProcessId,
    DateTimeOffset? CliStartedAt,
    DateTimeOffset? CliStableStartedAt,
    string? CliLogFilePath);
