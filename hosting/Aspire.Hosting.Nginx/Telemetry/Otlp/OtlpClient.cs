using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

/// <summary>Sends messages to an OTLP receiver, over gRPC or over HTTP.</summary>
internal sealed class OtlpClient : IDisposable
{
    private const int FrameHead = 5;
    private const int PermissionDenied = 7;
    private const int Unauthenticated = 16;
    private const string WrongKey = ": the key in OTEL_EXPORTER_OTLP_HEADERS is not the receiver's.";

    /// <summary>gRPC's codes for which OTLP asks to send again: cancelled, deadline, exhausted, aborted, out of range, unavailable, data loss.</summary>
    private static readonly int[] PassingCodes = [1, 4, 8, 10, 11, 14, 15];

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(2),
    })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Sends one message and reads what the receiver says to it.</summary>
    public async Task<OtlpDelivery> SendAsync(OtlpTarget target, OtlpSignal signal, IMessage message, CancellationToken cancellationToken)
    {
        using var request = Request(target, signal, message);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.OK && target.Transport == OtlpTransport.Grpc
                ? OfGrpcStatus(response)
                : OfHttpStatus(response.StatusCode);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new(OtlpOutcome.TryAgain, Sentence(exception.Message));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(OtlpOutcome.TryAgain, "It does not answer in time.");
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(OtlpTarget target, OtlpSignal signal, IMessage message)
    {
        var isGrpc = target.Transport == OtlpTransport.Grpc;
        var request = new HttpRequestMessage(HttpMethod.Post, target.UrlOf(signal))
        {
            Content = new ByteArrayContent(isGrpc ? Frame(message) : message.ToByteArray()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(isGrpc ? "application/grpc" : "application/x-protobuf");
        if (isGrpc)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
            request.Headers.TE.Add(new("trailers"));
        }

        foreach (var (name, value) in target.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>gRPC's length-prefixed message: not compressed, then the length, then the message.</summary>
    private static byte[] Frame(IMessage message)
    {
        var size = message.CalculateSize();
        var frame = new byte[FrameHead + size];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), size);
        message.WriteTo(frame.AsSpan(FrameHead));
        return frame;
    }

    /// <summary>The status follows the message; without one, it stands in the headers.</summary>
    private static OtlpDelivery OfGrpcStatus(HttpResponseMessage response)
    {
        var status = Header(response.TrailingHeaders, "grpc-status") ?? Header(response.Headers, "grpc-status");
        if (!int.TryParse(status, CultureInfo.InvariantCulture, out var code))
        {
            return new(OtlpOutcome.TryAgain, "It answers without a gRPC status.");
        }

        return code switch
        {
            0 => new(OtlpOutcome.Accepted),
            Unauthenticated or PermissionDenied => new(OtlpOutcome.Rejected, $"It answers with the gRPC status {code}{WrongKey}"),
            _ => new(PassingCodes.Contains(code) ? OtlpOutcome.TryAgain : OtlpOutcome.Rejected, $"It answers with the gRPC status {code}."),
        };
    }

    private static OtlpDelivery OfHttpStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.NoContent => new(OtlpOutcome.Accepted),
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
            new(OtlpOutcome.TryAgain, $"It answers with the status {(int)status}."),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            new(OtlpOutcome.Rejected, $"It answers with the status {(int)status}{WrongKey}"),
        _ => new(OtlpOutcome.Rejected, $"It answers with the status {(int)status}."),
    };

    private static string? Header(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static string Sentence(string message) => message.EndsWith('.') ? message : message + ".";
}

/// <summary>What became of a message.</summary>
/// <param name="Outcome">Whether it arrived, and whether to send it again.</param>
/// <param name="Problem">What went wrong, in one sentence without any key, or null.</param>
internal readonly record struct OtlpDelivery(OtlpOutcome Outcome, string? Problem = null);

/// <summary>Whether a message arrived.</summary>
internal enum OtlpOutcome
{
    Accepted,

    /// <summary>The receiver is away or busy: the same message may be accepted later.</summary>
    TryAgain,

    /// <summary>The same message would be rejected again.</summary>
    Rejected,
}

/// <summary>Where telemetry goes and in whose name, as OpenTelemetry's environment variables say it.</summary>
internal sealed class OtlpTarget
{
    private const string ServiceNameKey = "service.name";

    private OtlpTarget(Uri endpoint, OtlpTransport transport, ImmutableArray<KeyValuePair<string, string>> headers, Source source) =>
        (Endpoint, Transport, Headers, Source) = (endpoint, transport, headers, source);

    public Uri Endpoint { get; }

    public OtlpTransport Transport { get; }

    /// <summary>Sent with each request; they hold the receiver's key.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; }

    public Source Source { get; }

    /// <summary>Reads the variables of a resource.</summary>
    /// <param name="variables">Names and values.</param>
    /// <param name="serviceName">The name of the service where none is given.</param>
    /// <param name="problem">What is wrong with them, and the mend, or null.</param>
    /// <returns>Null where no receiver is given, or none that can be used.</returns>
    public static OtlpTarget? Read(IReadOnlyDictionary<string, string> variables, string serviceName, out string? problem)
    {
        problem = null;
        if (!variables.TryGetValue("OTEL_EXPORTER_OTLP_ENDPOINT", out var address) || address.Length == 0)
        {
            return null;
        }

        var protocol = variables.GetValueOrDefault("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        OtlpTransport? transport = protocol switch
        {
            "grpc" => OtlpTransport.Grpc,
            "http/protobuf" => OtlpTransport.HttpProtobuf,
            _ => null,
        };
        if (transport is null)
        {
            problem = $"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol}; use grpc or http/protobuf.";
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            problem = "OTEL_EXPORTER_OTLP_ENDPOINT is no http or https URL.";
            return null;
        }

        return new(endpoint, transport.Value, [.. Pairs(variables.GetValueOrDefault("OTEL_EXPORTER_OTLP_HEADERS"))], SourceOf(variables, serviceName));
    }

    /// <summary>The URL a signal is sent to.</summary>
    public Uri UrlOf(OtlpSignal signal) => new($"{Endpoint.AbsoluteUri.TrimEnd('/')}/{(Transport == OtlpTransport.Grpc ? signal.GrpcPath : signal.HttpPath)}");

    private static Source SourceOf(IReadOnlyDictionary<string, string> variables, string serviceName)
    {
        var source = new Source();
        var name = variables.GetValueOrDefault("OTEL_SERVICE_NAME");
        var attributes = Pairs(variables.GetValueOrDefault("OTEL_RESOURCE_ATTRIBUTES")).ToArray();
        var given = attributes.LastOrDefault(attribute => attribute.Key == ServiceNameKey).Value;
        source.Attributes.With(ServiceNameKey, string.IsNullOrEmpty(name) ? given ?? serviceName : name);
        foreach (var (key, value) in attributes.Where(attribute => attribute.Key != ServiceNameKey))
        {
            source.Attributes.With(key, value);
        }

        return source;
    }

    /// <summary>Pairs as W3C Baggage writes them: separated by commas, with percent-encoded values.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Pairs(string? text) =>
        (text ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair is [{ Length: > 0 }, _])
            .Select(pair => KeyValuePair.Create(pair[0], Uri.UnescapeDataString(pair[1])));
}

/// <summary>How OTLP messages travel.</summary>
internal enum OtlpTransport
{
    /// <summary>gRPC over HTTP/2.</summary>
    Grpc,

    /// <summary>Protocol buffers in the body of an HTTP request.</summary>
    HttpProtobuf,
}

/// <summary>A kind of telemetry, and where a receiver takes it.</summary>
/// <param name="GrpcPath">The path of the gRPC method.</param>
/// <param name="HttpPath">The path below the endpoint for OTLP over HTTP.</param>
internal sealed record OtlpSignal(string GrpcPath, string HttpPath)
{
    public static readonly OtlpSignal Traces = Of("Trace", "trace", "traces");

    public static readonly OtlpSignal Metrics = Of("Metrics", "metrics", "metrics");

    public static readonly OtlpSignal Logs = Of("Logs", "logs", "logs");

    private static OtlpSignal Of(string service, string package, string path) =>
        new($"opentelemetry.proto.collector.{package}.v1.{service}Service/Export", $"v1/{path}");
}
