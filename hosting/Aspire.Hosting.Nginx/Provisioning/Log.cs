using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Provisioning;

internal static partial class Log
{
    [LoggerMessage(EventId = 41, Level = LogLevel.Information, Message = "Fetching the package {Package} …")]
    public static partial void Fetching(ILogger logger, string package);

    [LoggerMessage(EventId = 42, Level = LogLevel.Information, Message = "Fetching fresh package lists …")]
    public static partial void UpdatingLists(ILogger logger);

    [LoggerMessage(EventId = 43, Level = LogLevel.Information, Message = "nginx {Version} is stored in {Folder} for this and later runs.")]
    public static partial void Fetched(ILogger logger, string version, string folder);
}
