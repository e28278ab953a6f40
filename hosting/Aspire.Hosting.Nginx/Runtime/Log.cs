using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Runtime;

internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "No nginx is installed: fetching the distribution's package for '{Name}' into {Folder}.")]
    public static partial void WillFetch(ILogger logger, string name, string folder);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "nginx {Version} runs with {File}")]
    public static partial void Configured(ILogger logger, Version version, string file);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void OpenFilesLimited(ILogger logger, string warning);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "{Name} listens on {Url}")]
    public static partial void Serves(ILogger logger, string name, string url);

    [LoggerMessage(EventId = 5, Level = LogLevel.Error, Message = "{Name} cannot start: {Problem}")]
    public static partial void CannotStart(ILogger logger, string name, string problem);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "Requests were still in flight after {Seconds} s and are cut now; WithTimeouts has the limit, Drain.")]
    public static partial void NotDrained(ILogger logger, double seconds);

    [LoggerMessage(EventId = 7, Level = LogLevel.Error, Message = "nginx keeps the configuration it has: {Problem}")]
    public static partial void ReloadFailed(ILogger logger, string problem);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning, Message = "nginx's workers cannot connect to {Socket} ({Reason}); they use the port instead.")]
    public static partial void SocketNotReachable(ILogger logger, string socket, string reason);

    [LoggerMessage(EventId = 9, Level = LogLevel.Critical, Message = "'{Name}' no longer follows the resources behind it; restart it.")]
    public static partial void NoLongerFollowing(ILogger logger, string name, Exception exception);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "The sockets in {Folder} are not watched ({Reason}): one made anew by others than Aspire serves again only when its row changes. Raise fs.inotify.max_user_instances.")]
    public static partial void FolderNotWatched(ILogger logger, string folder, string reason);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "{Name} answers the requests in flight, for at most {Seconds} s.")]
    public static partial void Draining(ILogger logger, string name, double seconds);
}
