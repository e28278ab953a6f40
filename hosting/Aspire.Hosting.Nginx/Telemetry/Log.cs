using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 62,
        Level = LogLevel.Warning,
        Message = "nginx serves without telemetry, because there is no socket for its access log: {Problem}")]
    public static partial void NoSocket(ILogger logger, string problem);

    [LoggerMessage(
        EventId = 63,
        Level = LogLevel.Warning,
        Message = "nginx's access log comes faster than it can be read: telemetry lacks {Count} requests so far. Responses are "
            + "not affected.")]
    public static partial void RequestsMissing(ILogger logger, long count);

    [LoggerMessage(
        EventId = 64,
        Level = LogLevel.Error,
        Message = "nginx's telemetry has ended; responses are not affected. Restart '{Name}' to have it again.")]
    public static partial void Ended(ILogger logger, string name, Exception exception);

    [LoggerMessage(
        EventId = 65,
        Level = LogLevel.Warning,
        Message = "nginx's telemetry cannot be delivered to {Endpoint}: {Problem} It is kept, as far as there is room, and tried again.")]
    public static partial void NotDelivered(ILogger logger, Uri endpoint, string problem);

    [LoggerMessage(EventId = 66, Level = LogLevel.Warning, Message = "{Endpoint} rejects nginx's telemetry: {Problem}")]
    public static partial void Rejected(ILogger logger, Uri endpoint, string problem);

    [LoggerMessage(
        EventId = 67,
        Level = LogLevel.Information,
        Message = "nginx's telemetry is delivered again; meanwhile {Spans} spans were dropped.")]
    public static partial void DeliveredAgain(ILogger logger, long spans);

    [LoggerMessage(EventId = 68, Level = LogLevel.Warning, Message = "nginx has no telemetry: {Problem}")]
    public static partial void NoReceiver(ILogger logger, string problem);

    [LoggerMessage(
        EventId = 70,
        Level = LogLevel.Information,
        Message = "The shadow of {Method} {Path} differs: {Upstream} answered {Answer}; {Shadow} answered {ShadowAnswer}.")]
    public static partial void ShadowDiffers(
        ILogger logger, string method, string path, string upstream, string answer, string shadow, string shadowAnswer);

    [LoggerMessage(EventId = 69, Level = LogLevel.Debug, Message = "nginx's connections could not be counted: {Problem}")]
    public static partial void StatusNotRead(ILogger logger, string problem);
}
