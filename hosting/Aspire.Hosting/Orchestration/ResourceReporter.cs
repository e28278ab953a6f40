using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>The lines a person reads in the AppHost's console: one for each resource that is ready, failed or ended.</summary>
internal sealed partial class ResourceReporter(ILogger<DistributedApplication> logger)
{
    public void Starting(string applicationName) => Log.Starting(logger, applicationName);

    public void Started() => Log.Started(logger);

    public void Ready(string resource, IEnumerable<string> urls)
    {
        var addresses = string.Join(", ", urls);
        if (addresses.Length > 0)
        {
            Log.ReadyAt(logger, resource, addresses);
        }
        else
        {
            Log.Ready(logger, resource);
        }
    }

    public void FailedToStart(string resource, string reason) => Log.FailedToStart(logger, resource, reason);

    public void BuildingNative(string project) => Log.BuildingNative(logger, project);

    public void NoLinker(string resource) => Log.NoLinker(logger, resource);

    public void Ended(string resource, ProcessExit exit)
    {
        if (exit.Signal is { } signal)
        {
            Log.Killed(logger, resource, signal);
        }
        else
        {
            Log.Exited(logger, resource, exit.Code);
        }
    }

    /// <summary>Reports the failure of an event's subscribers for whom nobody waits.</summary>
    public void ReportFailure(Task subscribers, string resource, string subject) =>
        subscribers.ContinueWith(
            failed => Log.SubscriberFailed(logger, resource, subject, failed.Exception!.InnerException!),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Application} is starting.")]
        public static partial void Starting(ILogger logger, string application);

        [LoggerMessage(2, LogLevel.Information, "Distributed application started. Press Ctrl+C to shut down.")]
        public static partial void Started(ILogger logger);

        [LoggerMessage(3, LogLevel.Information, "{Resource} is ready: {Addresses}")]
        public static partial void ReadyAt(ILogger logger, string resource, string addresses);

        [LoggerMessage(4, LogLevel.Information, "{Resource} is ready.")]
        public static partial void Ready(ILogger logger, string resource);

        [LoggerMessage(5, LogLevel.Error, "{Resource} failed to start: {Reason}")]
        public static partial void FailedToStart(ILogger logger, string resource, string reason);

        [LoggerMessage(6, LogLevel.Warning, "{Resource} was ended by signal {Signal}.")]
        public static partial void Killed(ILogger logger, string resource, ProcessSignal signal);

        [LoggerMessage(8, LogLevel.Information, "Building {Project} as a native executable; this takes about a minute, once for each change of its code.")]
        public static partial void BuildingNative(ILogger logger, string project);

        [LoggerMessage(9, LogLevel.Warning, "{Resource} runs its ordinary build: a native one needs clang or gcc on the PATH.")]
        public static partial void NoLinker(ILogger logger, string resource);

        [LoggerMessage(10, LogLevel.Error, "A subscriber of {Resource}'s {Event} failed.")]
        public static partial void SubscriberFailed(ILogger logger, string resource, string @event, Exception exception);

        [LoggerMessage(7, LogLevel.Warning, "{Resource} exited with code {ExitCode}.")]
        public static partial void Exited(ILogger logger, string resource, int exitCode);
    }
}
