using System.Collections.Immutable;
using OpenTelemetry.Exporter;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>Where telemetry goes and in whose name, as OpenTelemetry's environment variables say it.</summary>
/// <param name="Endpoint">The address of the receiver.</param>
/// <param name="Protocol">gRPC, or protocol buffers over HTTP.</param>
/// <param name="Headers">Sent with each request, as <c>OTEL_EXPORTER_OTLP_HEADERS</c> writes them; they hold the receiver's key.</param>
/// <param name="Attributes">What the telemetry is about, such as <c>service.name</c>.</param>
internal sealed record OtlpTarget(
    Uri Endpoint,
    OtlpExportProtocol Protocol,
    string Headers,
    ImmutableArray<KeyValuePair<string, object>> Attributes)
{
    private const string ServiceNameKey = "service.name";

    /// <summary>Reads the variables of a resource.</summary>
    /// <param name="variables">Names and values.</param>
    /// <param name="serviceName">The name of the service where none is given.</param>
    /// <param name="problem">What is wrong with them, and the fix, or null.</param>
    /// <returns>Null where no receiver is given, or none that can be used.</returns>
    public static OtlpTarget? Read(IReadOnlyDictionary<string, string> variables, string serviceName, out string? problem)
    {
        problem = null;
        if (!variables.TryGetValue("OTEL_EXPORTER_OTLP_ENDPOINT", out var address) || address.Length == 0)
        {
            return null;
        }

        var protocol = variables.GetValueOrDefault("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        if (protocol is not ("grpc" or "http/protobuf"))
        {
            problem = $"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol}; use grpc or http/protobuf.";
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            problem = "OTEL_EXPORTER_OTLP_ENDPOINT is no http or https URL.";
            return null;
        }

        return new(
            endpoint,
            protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            variables.GetValueOrDefault("OTEL_EXPORTER_OTLP_HEADERS", ""),
            AttributesOf(variables, serviceName));
    }

    /// <summary>The headers, one by one.</summary>
    public IEnumerable<KeyValuePair<string, string>> HeaderPairs() => Pairs(Headers);

    /// <summary>The URL for protocol buffers over HTTP.</summary>
    /// <param name="signal">traces, metrics or logs.</param>
    public Uri HttpUrl(string signal) => new($"{Endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal}");

    /// <summary>Has an exporter of the SDK send there, and no AppHost's own variables count.</summary>
    /// <param name="options">The exporter's.</param>
    /// <param name="signal">metrics or logs.</param>
    public void Apply(OtlpExporterOptions options, string signal)
    {
        options.Protocol = Protocol;
        options.Endpoint = Protocol == OtlpExportProtocol.Grpc ? Endpoint : HttpUrl(signal);
        options.Headers = Headers;
    }

    private static ImmutableArray<KeyValuePair<string, object>> AttributesOf(
        IReadOnlyDictionary<string, string> variables,
        string serviceName)
    {
        var attributes = new Dictionary<string, object>();
        foreach (var (key, value) in Pairs(variables.GetValueOrDefault("OTEL_RESOURCE_ATTRIBUTES")))
        {
            attributes[key] = value;
        }

        if (variables.GetValueOrDefault("OTEL_SERVICE_NAME") is { Length: > 0 } name)
        {
            attributes[ServiceNameKey] = name;
        }

        attributes.TryAdd(ServiceNameKey, serviceName);
        return [.. attributes];
    }

    /// <summary>Pairs as W3C Baggage writes them: separated by commas, with percent-encoded values.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Pairs(string? text) =>
        (text ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair is [{ Length: > 0 }, _])
            .Select(pair => KeyValuePair.Create(pair[0], Uri.UnescapeDataString(pair[1])));
}
