using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Gunicorn.Processes;

internal static partial class Log
{
    [LoggerMessage(EventId = 11, Level = LogLevel.Error, Message = "{Name} cannot start: {Problem}")]
    public static partial void CannotStart(ILogger logger, string name, string problem);

    [LoggerMessage(EventId = 12, Level = LogLevel.Information, Message = "Reloading: the new code is imported first")]
    public static partial void Importing(ILogger logger);

    [LoggerMessage(EventId = 13, Level = LogLevel.Error, Message = "The new code is not used: {Problem}\n{Output}")]
    public static partial void NotImported(ILogger logger, string problem, string output);

    [LoggerMessage(EventId = 14, Level = LogLevel.Information, Message = "{Result}")]
    public static partial void Done(ILogger logger, string result);

    [LoggerMessage(EventId = 15, Level = LogLevel.Warning,
        Message = "gunicorn's master has ended without a stop; {Count} workers are ended too")]
    public static partial void Orphans(ILogger logger, int count);

    [LoggerMessage(EventId = 16, Level = LogLevel.Warning, Message = "gunicorn did not end within {Seconds} s, and is killed")]
    public static partial void NotEnded(ILogger logger, double seconds);

    [LoggerMessage(EventId = 17, Level = LogLevel.Critical, Message = "'{Name}' is no longer followed; restart the AppHost")]
    public static partial void NoLongerFollowing(ILogger logger, string name, Exception exception);
}
