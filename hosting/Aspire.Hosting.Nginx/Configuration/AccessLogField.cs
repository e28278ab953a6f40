using System.Collections.Immutable;
using System.Text.Json;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>
/// The fields of the access log that the AppHost reads, in the order in which nginx writes them: a JSON object of strings for each
/// logged request. A field is named as the variable of nginx that it holds, such as <c>request_time</c>. What a client may make long comes
/// last, so that a message that was cut keeps the rest.
/// </summary>
internal enum AccessLogField
{
    Status,
    RequestTime,
    TraceFlags,
    TraceWeight,
    TraceRoute,
    UpstreamAddr,
    UpstreamResponseTime,
    UpstreamStatus,
    UpstreamConnectTime,
    Msec,
    TraceId,
    TraceSpanId,
    TraceParentId,
    Scheme,
    RemoteAddr,
    RemotePort,
    ServerPort,
    ServerProtocol,
    Host,
    TraceState,
    Request,
    HttpUserAgent,
}

/// <summary>The names of the fields of the access log.</summary>
internal static class AccessLogFormat
{
    /// <summary>The name of each field: that of a variable of nginx, without the dollar sign.</summary>
    public static ImmutableArray<string> Names { get; } =
        [.. Enum.GetNames<AccessLogField>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>What a client may make as long as a header.</summary>
    public static ImmutableArray<string> LongNames { get; } =
        [.. new[] { AccessLogField.TraceState, AccessLogField.Request, AccessLogField.HttpUserAgent }.Select(field => Names[(int)field])];
}
