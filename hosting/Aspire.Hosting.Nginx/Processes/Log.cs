using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Processes;

internal static partial class Log
{
    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "nginx {Version} runs with {File}")]
    public static partial void Configured(ILogger logger, Version version, string file);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void OpenFilesLimited(ILogger logger, string warning);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "{Name} listens on {Url}")]
    public static partial void Serves(ILogger logger, string name, string url);

    [LoggerMessage(EventId = 5, Level = LogLevel.Error, Message = "{Name} cannot start: {Problem}")]
    public static partial void CannotStart(ILogger logger, string name, string problem);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning,
        Message = "Requests were still in flight after {Seconds} s and are cut now; to give them longer, set Drain in WithTimeouts.")]
    public static partial void NotDrained(ILogger logger, double seconds);

    [LoggerMessage(EventId = 7, Level = LogLevel.Error, Message = "nginx keeps the configuration it has: {Problem}")]
    public static partial void ReloadFailed(ILogger logger, string problem);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning,
        Message = "nginx's workers cannot connect to {Socket} ({Reason}); they use the port instead.")]
    public static partial void SocketNotReachable(ILogger logger, string socket, string reason);

    [LoggerMessage(EventId = 9, Level = LogLevel.Critical, Message = "'{Name}' no longer follows the resources behind it; restart it.")]
    public static partial void NoLongerFollowing(ILogger logger, string name, Exception exception);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message =
        "New sockets in {Folder} are not noticed ({Reason}): a program that restarts itself is served at its port from then on. "
        + "Raise fs.inotify.max_user_instances.")]
    public static partial void FolderNotWatched(ILogger logger, string folder, string reason);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "{Name} answers the requests in flight, for at most {Seconds} s.")]
    public static partial void Draining(ILogger logger, string name, double seconds);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message = "Files of nginx in {Folder} were removed, and are restored.")]
    public static partial void FilesRestored(ILogger logger, string folder);

    [LoggerMessage(EventId = 13, Level = LogLevel.Error,
        Message = "Files of nginx in {Folder} were removed, and cannot be restored: {Problem}")]
    public static partial void FilesNotRestored(ILogger logger, string folder, string problem);

    [LoggerMessage(EventId = 14, Level = LogLevel.Warning, Message =
        "nginx {Version} takes a 103 (Early Hints) of a resource for its answer; use nginx 1.29 or later if a resource sends one.")]
    public static partial void NoEarlyHints(ILogger logger, Version version);

    [LoggerMessage(EventId = 15, Level = LogLevel.Error, Message =
        "nginx serves no https, or goes on with the certificate it has: {Problem}. It takes a new one as soon as there is one.")]
    public static partial void NoCertificate(ILogger logger, string problem);

    [LoggerMessage(EventId = 16, Level = LogLevel.Information, Message = "nginx loads the new certificate for https.")]
    public static partial void CertificateLoaded(ILogger logger);

    [LoggerMessage(EventId = 17, Level = LogLevel.Warning, Message =
        "nginx {Version} speaks HTTP/2 to clients over TLS only; for gRPC give it a certificate (WithTls), or use nginx 1.25.1 or later.")]
    public static partial void NoHttp2(ILogger logger, Version version);

    [LoggerMessage(EventId = 18, Level = LogLevel.Information, Message = "Maintenance is {State}.")]
    public static partial void Maintenance(ILogger logger, string state);

    [LoggerMessage(EventId = 19, Level = LogLevel.Error, Message = "{Problem}")]
    public static partial void NotReached(ILogger logger, string problem);

    [LoggerMessage(EventId = 20, Level = LogLevel.Information,
        Message = "nginx runs in a container of {Image}: there is no telemetry of it{Also}.")]
    public static partial void InContainer(ILogger logger, string image, string also);
}
