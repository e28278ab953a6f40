using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Provisioning;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching the package {Package} …")]
    public static partial void Fetching(ILogger logger, string package);

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching fresh package lists …")]
    public static partial void UpdatingLists(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "nginx {Version} is stored in {Folder} for this and later runs.")]
    public static partial void Fetched(ILogger logger, string version, string folder);
}
