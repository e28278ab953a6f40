using System.Text.Json;

namespace Aspire.Hosting.Nginx.Telemetry.AccessLog;

/// <summary>One request as the access log tells it. It refers to the message it was read from, and holds no copy.</summary>
internal ref struct AccessLogEntry
{
    private ReadOnlySpan<byte> _message;
    private Span<Range> _fields;

    /// <summary>Whether the trace of the request is kept.</summary>
    public readonly bool IsSampled => this[AccessLogField.Flags].SequenceEqual("01"u8);

    /// <summary>Whether all fields were written.</summary>
    public readonly bool IsFull => !this[AccessLogField.Time].IsEmpty;

    /// <summary>Whether it stands for others that were not told; those that failed and those that were tried twice are all told.</summary>
    public readonly bool IsDrawn => this[AccessLogField.Told] is [(byte)'1' or (byte)'2'] && !(IsFull && IsToldAnyway);

    private readonly bool IsToldAnyway =>
        this[AccessLogField.Status].StartsWith("5"u8)
        || this[AccessLogField.MemberStatus].StartsWith("5"u8)
        || this[AccessLogField.MemberStatus].ContainsAny((byte)',', (byte)':');

    /// <summary>The field's value, in which quotes and control characters are still escaped; empty where there is none.</summary>
    public readonly ReadOnlySpan<byte> this[AccessLogField field] => _message[_fields[(int)field]];

    /// <summary>Reads the JSON object of a message.</summary>
    /// <param name="message">The object; what a cut one still has is read.</param>
    /// <param name="fields">Room for <see cref="AccessLogFormat.FieldCount"/> ranges.</param>
    /// <param name="entry">The request.</param>
    /// <returns>Whether it tells at least status, duration and method.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, Span<Range> fields, out AccessLogEntry entry)
    {
        fields.Clear();
        entry = new() { _message = message, _fields = fields };
        var reader = new Utf8JsonReader(message, isFinalBlock: false, state: default);
        var next = 0;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && (next = Find(reader.ValueSpan, next)) >= 0 && reader.Read())
                {
                    var start = (int)reader.TokenStartIndex + 1;
                    fields[next] = start..(start + reader.ValueSpan.Length);
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return !entry[AccessLogField.Status].IsEmpty && !entry[AccessLogField.Duration].IsEmpty;
    }

    /// <summary>nginx writes the fields in our order, so the next one is almost always the one after the last.</summary>
    private static int Find(ReadOnlySpan<byte> name, int last)
    {
        for (var offset = 0; offset < AccessLogFormat.FieldCount; offset++)
        {
            var field = (last + offset + 1) % AccessLogFormat.FieldCount;
            if (AccessLogFormat.Name(field).SequenceEqual(name))
            {
                return field;
            }
        }

        return -1;
    }
}

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
