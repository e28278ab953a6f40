using System.Globalization;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>
/// Turns a request into spans, by OpenTelemetry's conventions for HTTP servers: one for the request, with the id that nginx sent to the
/// member, and one for each attempt where there was more than one.
/// </summary>
internal sealed class SpanBuilder(Func<string, MemberName?> nameOf)
{
    private const int TraceIdDigits = 32;
    private const int SpanIdDigits = 16;
    private const int SpanIdBytes = SpanIdDigits / 2;
    private const int ServerError = 500;
    private const uint IsRemoteKnown = 0x100;
    private const uint IsRemote = 0x200;

    /// <summary>The spans of a request, the request's own first; none where the log does not hold enough.</summary>
    public IReadOnlyList<Span> Build(in AccessLogEntry entry)
    {
        if (Id(entry[AccessLogField.TraceId], TraceIdDigits) is not { } trace
            || Id(entry[AccessLogField.TraceSpanId], SpanIdDigits) is not { } own
            || entry.Milliseconds(AccessLogField.Msec) is not { } end)
        {
            return [];
        }

        var attempts = Attempt.Read(entry);
        var start = end - (entry.Milliseconds(AccessLogField.RequestTime) ?? 0);
        var span = Server(entry, start, end);
        span.TraceId = trace;
        span.SpanId = own;
        Describe(span, entry, attempts);
        return attempts.Count > 1 ? [span, .. Clients(span, attempts, start, end)] : [span];
    }

    private static Span Server(in AccessLogEntry entry, long start, long end)
    {
        var line = entry.Text(AccessLogField.Request);
        var method = RequestLine.MethodOf(entry[AccessLogField.Request]);
        var route = entry.Text(AccessLogField.TraceRoute);
        var status = AccessLogText.Number(entry[AccessLogField.Status]);
        var shownMethod = method == RequestLine.OtherMethod ? "HTTP" : method;
        var span = new Span
        {
            Name = route.Length > 0 ? $"{shownMethod} {route}" : shownMethod,
            Kind = Span.Types.SpanKind.Server,
            StartTimeUnixNano = Nanoseconds(start),
            EndTimeUnixNano = Nanoseconds(end),
            TraceState = entry.Text(AccessLogField.TraceState),
            Flags = (entry.IsSampled ? 1u : 0u) | IsRemoteKnown,
        };
        if (Id(entry[AccessLogField.TraceParentId], SpanIdDigits) is { } parent)
        {
            span.ParentSpanId = parent;
            span.Flags |= IsRemote;
        }

        span.Attributes
            .With("http.request.method", method)
            .With("http.request.method_original", method == RequestLine.OtherMethod ? line.Split(' ')[0] : null)
            .With("http.route", route)
            .With("http.response.status_code", status)
            .With("url.path", RequestLine.PathOf(RequestLine.TargetOf(line)));
        if (status >= ServerError)
        {
            span.Status = new() { Code = Status.Types.StatusCode.Error };
            span.Attributes.With("error.type", status.ToString(CultureInfo.InvariantCulture));
        }

        return span;
    }

    private void Describe(Span span, in AccessLogEntry entry, IReadOnlyList<Attempt> attempts)
    {
        span.Attributes
            .With("url.scheme", entry.Text(AccessLogField.Scheme))
            .With("server.address", entry.Text(AccessLogField.Host))
            .With("server.port", AccessLogText.Number(entry[AccessLogField.ServerPort]))
            .With("client.address", entry.Text(AccessLogField.RemoteAddr))
            .With("client.port", AccessLogText.Number(entry[AccessLogField.RemotePort]))
            .With("network.protocol.version", VersionOf(entry.Text(AccessLogField.ServerProtocol)))
            .With("user_agent.original", entry.Text(AccessLogField.HttpUserAgent));
        if (attempts.Count == 0)
        {
            return;
        }

        AddMember(span, attempts[^1]);
        span.Attributes.With("http.request.resend_count", attempts.Count > 1 ? attempts.Count - 1 : (long?)null);
    }

    /// <summary>
    /// The log has how long each attempt took, not when it began. They follow one another, and the last one ends with the
    /// request: the body of a request is read before the first.
    /// </summary>
    private IEnumerable<Span> Clients(Span parent, IReadOnlyList<Attempt> attempts, long start, long end)
    {
        var begin = Math.Max(start, end - attempts.Sum(attempt => attempt.Duration ?? 0));
        for (var number = 0; number < attempts.Count; number++)
        {
            var attempt = attempts[number];
            var done = Math.Min(end, begin + (attempt.Duration ?? 0));
            var span = new Span
            {
                TraceId = parent.TraceId,
                SpanId = RandomId(),
                ParentSpanId = parent.SpanId,
                Name = parent.Name.Split(' ')[0],
                Kind = Span.Types.SpanKind.Client,
                StartTimeUnixNano = Nanoseconds(begin),
                EndTimeUnixNano = Nanoseconds(done),
                TraceState = parent.TraceState,
                Flags = (parent.Flags & 1) | IsRemoteKnown,
            };
            span.Attributes.With("http.request.method", parent.Attributes[0].Value.StringValue);
            AddMember(span, attempt);
            AddAddress(span, attempt.Address);
            span.Attributes
                .With("http.response.status_code", attempt.IsConnected ? attempt.Status : null)
                .With("http.request.resend_count", number > 0 ? number : (long?)null);
            if (attempt.Status is null or >= 400)
            {
                span.Status = new() { Code = Status.Types.StatusCode.Error };
                span.Attributes.With("error.type", attempt.Status?.ToString(CultureInfo.InvariantCulture) ?? RequestLine.OtherMethod);
            }

            begin = done;
            yield return span;
        }
    }

    private void AddMember(Span span, Attempt attempt)
    {
        var member = nameOf(attempt.Address);
        span.Attributes
            .With("nginx.upstream.name", member?.Upstream)
            .With("nginx.upstream.member", member?.Row)
            .With("nginx.upstream.address", attempt.Address)
            .With("nginx.upstream.status_code", attempt.Status)
            .With("nginx.upstream.duration", attempt.Duration / 1000.0)
            .With("nginx.upstream.connect.duration", attempt.Connect / 1000.0);
    }

    private static void AddAddress(Span span, string address)
    {
        const string Unix = "unix:";
        if (address.StartsWith(Unix, StringComparison.Ordinal))
        {
            span.Attributes.With("network.transport", "unix").With("server.address", address[Unix.Length..]);
            return;
        }

        var colon = address.LastIndexOf(':');
        if (colon > 0)
        {
            span.Attributes
                .With("server.address", address[..colon].Trim('[', ']'))
                .With("server.port", long.TryParse(address[(colon + 1)..], out var port) ? port : null);
        }
    }

    private static string? VersionOf(string protocol)
    {
        var version = protocol.StartsWith("HTTP/", StringComparison.Ordinal) ? protocol["HTTP/".Length..] : null;
        return version is not null && version.EndsWith(".0", StringComparison.Ordinal) && version[0] > '1' ? version[..^2] : version;
    }

    private static ulong Nanoseconds(long milliseconds) => (ulong)milliseconds * 1_000_000;

    private static ByteString RandomId()
    {
        Span<byte> id = stackalloc byte[SpanIdBytes];
        Random.Shared.NextBytes(id);
        return ByteString.CopyFrom(id);
    }

    private static ByteString? Id(ReadOnlySpan<byte> digits, int length)
    {
        Span<byte> id = stackalloc byte[TraceIdDigits / 2];
        return digits.Length == length
            && Convert.FromHexString(digits, id, out _, out var written) == System.Buffers.OperationStatus.Done
            && id[..written].ContainsAnyExcept((byte)0)
                ? ByteString.CopyFrom(id[..written])
                : null;
    }
}

/// <summary>One member nginx passed a request to.</summary>
/// <param name="Address">Its address as nginx writes it.</param>
/// <param name="Status">What it answered, or nginx's own 502 or 504 where it did not.</param>
/// <param name="Duration">How long it took, in milliseconds.</param>
/// <param name="Connect">How long the connection took, in milliseconds; null where there was none.</param>
internal sealed record Attempt(string Address, int? Status, long? Duration, long? Connect)
{
    /// <summary>Whether there was a connection to answer over.</summary>
    public bool IsConnected => Connect is not null;

    public static IReadOnlyList<Attempt> Read(in AccessLogEntry entry)
    {
        var members = entry[AccessLogField.UpstreamAddr];
        var statuses = entry[AccessLogField.UpstreamStatus];
        var durations = entry[AccessLogField.UpstreamResponseTime];
        var connects = entry[AccessLogField.UpstreamConnectTime];
        var attempts = new List<Attempt>();
        while (!members.IsEmpty)
        {
            var member = AccessLogText.Decode(AccessLogText.TakeFirst(ref members));
            var status = AccessLogText.Number(AccessLogText.TakeFirst(ref statuses));
            var attempt = new Attempt(
                member,
                status == 0 ? null : status,
                AccessLogText.Milliseconds(AccessLogText.TakeFirst(ref durations)),
                AccessLogText.Milliseconds(AccessLogText.TakeFirst(ref connects)));

            // Where no member is left to try, nginx writes the name of the upstream in place of an address.
            if (member.Contains(':', StringComparison.Ordinal))
            {
                attempts.Add(attempt);
            }
        }

        return attempts;
    }
}

/// <summary>Adds attributes; what is not known is left out.</summary>
internal static class SpanAttributes
{
    public static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, string? value) =>
        string.IsNullOrEmpty(value) ? attributes : attributes.With(key, new AnyValue { StringValue = value });

    public static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, long? value) =>
        value is { } number ? attributes.With(key, new AnyValue { IntValue = number }) : attributes;

    public static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, double? value) =>
        value is { } number ? attributes.With(key, new AnyValue { DoubleValue = number }) : attributes;

    private static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, AnyValue value)
    {
        attributes.Add(new KeyValue { Key = key, Value = value });
        return attributes;
    }
}
