using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

internal static partial class RowConverterLog
{
    [LoggerMessage(1, LogLevel.Error, "Resource '{ResourceId}' cannot be shown in the {Place}.")]
    public static partial void NotConverted(ILogger logger, string resourceId, string place, Exception exception);
}
