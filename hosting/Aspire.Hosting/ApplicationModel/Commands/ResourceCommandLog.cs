using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

internal static partial class ResourceCommandLog
{
    [LoggerMessage(1, LogLevel.Information, "Executing command '{CommandName}'.")]
    public static partial void Executing(ILogger logger, string commandName);

    [LoggerMessage(2, LogLevel.Information, "Successfully executed command '{CommandName}'.")]
    public static partial void Succeeded(ILogger logger, string commandName);

    [LoggerMessage(3, LogLevel.Information, "Command '{CommandName}' failed: {Reason}")]
    public static partial void Failed(ILogger logger, string commandName, string? reason);

    [LoggerMessage(4, LogLevel.Error, "Error executing command '{CommandName}'.")]
    public static partial void Threw(ILogger logger, string commandName, Exception exception);

    [LoggerMessage(5, LogLevel.Information, "Command '{CommandName}' was canceled.")]
    public static partial void Canceled(ILogger logger, string commandName);
}
