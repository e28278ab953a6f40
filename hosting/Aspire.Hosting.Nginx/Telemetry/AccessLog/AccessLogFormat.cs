namespace Aspire.Hosting.Nginx.Telemetry.AccessLog;

/// <summary>The fields as nginx writes them: a JSON object of strings. What a client may make long comes last, so that a cut message keeps the rest.</summary>
internal static class AccessLogFormat
{
    public const int FieldCount = (int)AccessLogField.UserAgent + 1;

    /// <summary>As many fields as are written of a request whose trace is not kept.</summary>
    public const int BriefFieldCount = (int)AccessLogField.Told + 1;

    private static readonly (string Name, string Variable)[] Fields =
    [
        ("status", "$status"),
        ("duration", "$request_time"),
        ("method", "$telemetry_method"),
        ("route", "$telemetry_route"),
        ("member", "$upstream_addr"),
        ("member_duration", "$upstream_response_time"),
        ("told", "$telemetry_told"),
        ("time", "$msec"),
        ("flags", "$telemetry_flags"),
        ("trace", "$telemetry_trace"),
        ("parent", "$telemetry_client_span"),
        ("span", "$telemetry_span"),
        ("member_status", "$upstream_status"),
        ("member_connect", "$upstream_connect_time"),
        ("protocol", "$server_protocol"),
        ("scheme", "$scheme"),
        ("client", "$remote_addr"),
        ("client_port", "$remote_port"),
        ("server_port", "$server_port"),
        ("host", "$host"),
        ("tracestate", "$telemetry_state"),
        ("target", "$request_uri"),
        ("user_agent", "$http_user_agent"),
    ];

    /// <summary>What a client may make as long as a header.</summary>
    public static IReadOnlyList<string> LongVariables { get; } = ["telemetry_state", "request_uri", "http_user_agent"];

    private static readonly byte[][] Names = [.. Fields.Select(field => System.Text.Encoding.ASCII.GetBytes(field.Name))];

    /// <summary>The first fields, as the text of a <c>log_format</c>.</summary>
    public static string Text(int count) => $"{{{string.Join(',', Fields.Take(count).Select(field => $"\"{field.Name}\":\"{field.Variable}\""))}}}";

    public static ReadOnlySpan<byte> Name(int field) => Names[field];
}

/// <summary>What the access log says about a request, in the order in which it says it. Every request has the first seven.</summary>
internal enum AccessLogField
{
    Status,
    Duration,
    Method,
    Route,
    Member,
    MemberDuration,
    Told,
    Time,
    Flags,
    Trace,
    Parent,
    Span,
    MemberStatus,
    MemberConnect,
    Protocol,
    Scheme,
    ClientAddress,
    ClientPort,
    ServerPort,
    Host,
    TraceState,
    Target,
    UserAgent,
}
