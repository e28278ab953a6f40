using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

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
