using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Keeps the consoles of this AppHost's resources in <c>{state folder}/logs</c>: <c>nginx.log</c>, <c>api-1.log</c>,
/// <c>api-2.log</c> and so on, rotated, and continued by the next run.
/// </summary>
internal sealed class ConsoleLogFiles(AppHostStateFolder state, TimeProvider time, ILogger<RotatingLogFile> logger)
{
    private static readonly RotatingLogOptions Options = new();

    /// <returns>The file of one instance's console; null when there is no state folder.</returns>
    public RotatingLogFile? Open(string resourceName, int? replica) =>
        state.Logs is { } folder
            ? new(Path.Join(folder, replica is { } number ? $"{resourceName}-{number}.log" : $"{resourceName}.log"), Options, time, logger)
            : null;
}
