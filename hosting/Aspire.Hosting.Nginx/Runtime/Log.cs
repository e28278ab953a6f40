using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Runtime;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "No nginx is installed: fetching the distribution's package for '{Name}' into {Folder}.")]
    public static partial void WillFetch(ILogger logger, string name, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "nginx {Version} runs with {File}")]
    public static partial void Configured(ILogger logger, Version version, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void OpenFilesLimited(ILogger logger, string warning);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The states of other resources did not arrive within {Seconds} s; nginx starts with those it knows.")]
    public static partial void NotCaughtUp(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "nginx keeps the configuration it has: {Problem}")]
    public static partial void ReloadFailed(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "nginx's workers may be unable to connect to {Socket}: {Problem}")]
    public static partial void SocketNotOpened(ILogger logger, string socket, string problem);

    [LoggerMessage(Level = LogLevel.Critical, Message = "'{Name}' no longer follows the resources behind it; restart it.")]
    public static partial void NoLongerFollowing(ILogger logger, string name, Exception exception);
}
