using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>What has to be done once before anything starts.</summary>
internal sealed partial class RunPreparation(
    IHostEnvironment environment,
    AppHostStateFolder state,
    LeftoverRegistry leftovers,
    ProcessGuard guard,
    ResourceReporter reporter,
    ILogger<RunPreparation> logger)
{
    /// <summary>Below this many open files, a busy proxy or API runs out of connections.</summary>
    private const ulong ComfortableOpenFiles = 10_000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        reporter.Starting(environment.ApplicationName);
        var limit = ProcessLimits.RaiseOpenFiles();
        if (limit is { } raised && raised.Soft < ComfortableOpenFiles)
        {
            Log.FewOpenFiles(logger, raised.Soft);
        }

        if (state.Problem is { } problem)
        {
            Log.NothingKept(logger, problem);
        }

        await leftovers.ClearAsync(cancellationToken).ConfigureAwait(false);
        guard.Start();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "This user may open only {Limit} files, and each connection takes one or two. Raise the hard limit (ulimit -Hn, or LimitNOFILE of the service).")]
        public static partial void FewOpenFiles(ILogger logger, ulong limit);

        [LoggerMessage(2, LogLevel.Warning, "Console logs and the record of processes are not kept. {Problem}")]
        public static partial void NothingKept(ILogger logger, string problem);
    }
}
