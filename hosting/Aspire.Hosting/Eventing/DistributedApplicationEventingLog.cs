using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Eventing;

internal static partial class DistributedApplicationEventingLog
{
    [LoggerMessage(1, LogLevel.Error, "A subscriber of {EventName} failed.")]
    public static partial void SubscriberFailed(ILogger logger, string eventName, Exception exception);
}
