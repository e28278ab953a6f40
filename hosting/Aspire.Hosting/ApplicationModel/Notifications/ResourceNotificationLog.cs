using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

internal static partial class ResourceNotificationLog
{
    [LoggerMessage(1, LogLevel.Debug, "Resource {ResourceName}/{ResourceId} changed state: {PreviousState} -> {State}")]
    public static partial void StateChanged(ILogger logger, string resourceName, string resourceId, string previousState, string state);

    [LoggerMessage(2, LogLevel.Error, "The callback that says whether command '{CommandName}' of resource '{ResourceId}' can be executed failed; the command is disabled.")]
    public static partial void CommandStateFailed(ILogger logger, string commandName, string resourceId, Exception exception);

    [LoggerMessage(3, LogLevel.Debug, "Waiting for resource '{ResourceName}' to {Goal}.")]
    public static partial void WaitStarted(ILogger logger, string resourceName, string goal);

    [LoggerMessage(4, LogLevel.Debug, "Finished waiting for resource '{ResourceName}'.")]
    public static partial void WaitFinished(ILogger logger, string resourceName);

    [LoggerMessage(5, LogLevel.Information, "Waiting for resource '{DependencyName}' to {Goal}.")]
    public static partial void DependencyWaitStarted(ILogger logger, string dependencyName, string goal);

    [LoggerMessage(6, LogLevel.Information, "Finished waiting for resource '{DependencyName}'.")]
    public static partial void DependencyWaitFinished(ILogger logger, string dependencyName);

    [LoggerMessage(7, LogLevel.Error, "{Reason}")]
    public static partial void DependencyWaitFailed(ILogger logger, string reason);
}
