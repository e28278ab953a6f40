using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Instance} is restarted because {Reason} (restart {Count}).")]
    public static partial void Restarting(ILogger logger, string instance, string reason, int count);

    [LoggerMessage(2, LogLevel.Warning, "{Instance} did not start because {Reason}: try {Attempt} of {Attempts} in {Delay} s.")]
    public static partial void Backoff(ILogger logger, string instance, string reason, int attempt, int attempts, double delay);

    [LoggerMessage(3, LogLevel.Error,
        "{Instance} is given up after {Failures} failed starts, the last because {Reason}. Fix the cause, then start it.")]
    public static partial void GivenUp(ILogger logger, string instance, int failures, string reason);

    [LoggerMessage(4, LogLevel.Error, "{Instance} is killed because {Reason}. {Diagnosis}")]
    public static partial void Killing(ILogger logger, string instance, string reason, string diagnosis);

    [LoggerMessage(5, LogLevel.Warning, "{Instance} cannot be killed: its process is not known, or has already ended.")]
    public static partial void NotKilled(ILogger logger, string instance);

    [LoggerMessage(6, LogLevel.Information, "{Instance} is replaced because {Reason} (restart {Count}).")]
    public static partial void Replacing(ILogger logger, string instance, string reason, int count);

    [LoggerMessage(7, LogLevel.Warning, "{Instance} was not replaced: {Problem}")]
    public static partial void NotReplaced(ILogger logger, string instance, string problem);

    [LoggerMessage(8, LogLevel.Information, "{Resource} is reloaded, one replica after another: {Instances}.")]
    public static partial void Reloading(ILogger logger, string resource, string instances);

    [LoggerMessage(9, LogLevel.Information, "{Message}")]
    public static partial void Reloaded(ILogger logger, string message);

    [LoggerMessage(10, LogLevel.Error, "{Message}")]
    public static partial void ReloadHalted(ILogger logger, string message);

    [LoggerMessage(11, LogLevel.Information, "SIGHUP: everything supervised is reloaded, one resource after another.")]
    public static partial void ReloadingAll(ILogger logger);

    [LoggerMessage(12, LogLevel.Information, "SIGHUP, and the terminal is gone: the application stops.")]
    public static partial void TerminalGone(ILogger logger);

    [LoggerMessage(13, LogLevel.Warning, "The memory limit of {Resource} is not watched: that needs Linux.")]
    public static partial void MemoryNotWatched(ILogger logger, string resource);

    [LoggerMessage(14, LogLevel.Critical, "Nothing is supervised any more: following the resources failed.")]
    public static partial void NoLongerFollowing(ILogger logger, Exception exception);

    [LoggerMessage(15, LogLevel.Error, "Supervising {Instance} failed.")]
    public static partial void Failed(ILogger logger, string instance, Exception exception);

    [LoggerMessage(16, LogLevel.Warning, "{Instance} does not report its number of requests at {Address}: {Problem}")]
    public static partial void RequestsNotCounted(ILogger logger, string instance, string address, string problem);

    [LoggerMessage(17, LogLevel.Warning, "{Instance} did not end within {Seconds} s of the signal to stop, and is killed.")]
    public static partial void KilledAtStop(ILogger logger, string instance, double seconds);

    [LoggerMessage(18, LogLevel.Critical, "The orchestrator (dcp run-controllers, process {ProcessId}) has ended: the application stops.")]
    public static partial void OrchestratorGone(ILogger logger, int processId);

    [LoggerMessage(19, LogLevel.Information, "{Resource} is scaled from {Before} to {After} replicas, {Why}.")]
    public static partial void Scaling(ILogger logger, string resource, int before, int after, string why);

    [LoggerMessage(20, LogLevel.Information, "{Instance} is started to stand in for the replicas that are replaced.")]
    public static partial void StandingIn(ILogger logger, string instance);

    [LoggerMessage(21, LogLevel.Warning, "The scaling of {Resource} was not completed: {Problem}")]
    public static partial void NotScaled(ILogger logger, string resource, string? problem);

    [LoggerMessage(22, LogLevel.Information, "Stopping {Order}. A second Ctrl+C ends everything at once.")]
    public static partial void Stopping(ILogger logger, string order);

    [LoggerMessage(23, LogLevel.Information, "Still awaited: {Instances}. A second Ctrl+C ends everything at once.")]
    public static partial void Awaited(ILogger logger, string instances);

    [LoggerMessage(24, LogLevel.Warning, "Asked to stop a second time: everything supervised is killed.")]
    public static partial void EndingAtOnce(ILogger logger);
}
