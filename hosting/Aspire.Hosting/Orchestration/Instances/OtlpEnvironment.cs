using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>Tells an instance where to send its telemetry and under which name, with OpenTelemetry's own variables.</summary>
internal sealed class OtlpEnvironment(IConfiguration configuration, IHostEnvironment hostEnvironment)
{
    /// <summary>Configuration key of the address that takes OTLP over gRPC.</summary>
    public const string GrpcUrlKey = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";

    /// <summary>Configuration key of the address that takes OTLP over HTTP.</summary>
    public const string HttpUrlKey = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";

    /// <summary>Configuration key of the key that resources send their telemetry with.</summary>
    public const string ApiKeyKey = "AppHost:OtlpApiKey";

    // In development one wants to see a request at once; in production batches are cheaper.
    private static readonly (string Name, string Value)[] DevelopmentVariables =
    [
        ("OTEL_BLRP_SCHEDULE_DELAY", "1000"),
        ("OTEL_BSP_SCHEDULE_DELAY", "1000"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
        ("OTEL_TRACES_SAMPLER", "always_on"),
        ("OTEL_METRICS_EXEMPLAR_FILTER", "trace_based"),
    ];

    private static readonly (string Name, string Value)[] DevelopmentProjectVariables =
    [
        ("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true"),
        ("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true"),
    ];

    public void AddTo(Dictionary<string, string> variables, IResource resource, InstanceName instance)
    {
        if (resource.Annotations.OfType<OtlpExporterAnnotation>().LastOrDefault() is not { } exporter)
        {
            return;
        }

        // Who an instance is holds without a receiver too: an application may tell it in its own way.
        variables.TryAdd("OTEL_SERVICE_NAME", resource.Name);
        variables.TryAdd("OTEL_RESOURCE_ATTRIBUTES", $"service.instance.id={instance.Suffix}");
        if (Receiver(exporter) is not { } receiver)
        {
            return;
        }

        variables.TryAdd("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Url);
        variables.TryAdd("OTEL_EXPORTER_OTLP_PROTOCOL", receiver.Protocol);
        if (configuration[ApiKeyKey] is { Length: > 0 } key)
        {
            variables.TryAdd("OTEL_EXPORTER_OTLP_HEADERS", $"x-otlp-api-key={key}");
        }

        Add(variables, hostEnvironment.IsDevelopment() ? DevelopmentVariables : []);
        if (resource is ProjectResource)
        {
            variables.TryAdd("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
            Add(variables, hostEnvironment.IsDevelopment() ? DevelopmentProjectVariables : []);
        }
    }

    private (string Url, string Protocol)? Receiver(OtlpExporterAnnotation exporter)
    {
        var grpc = configuration[GrpcUrlKey] ?? configuration["DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"];
        var http = configuration[HttpUrlKey] ?? configuration["DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"];

        return exporter.RequiredProtocol switch
        {
            OtlpProtocol.Grpc => grpc is null ? null : (grpc, "grpc"),
            OtlpProtocol.HttpProtobuf => http is null ? null : (http, "http/protobuf"),
            OtlpProtocol.HttpJson => http is null ? null : (http, "http/json"),
            _ when grpc is not null => (grpc, "grpc"),
            _ => http is null ? null : (http, "http/protobuf"),
        };
    }

    private static void Add(Dictionary<string, string> variables, IEnumerable<(string Name, string Value)> defaults)
    {
        foreach (var (name, value) in defaults)
        {
            variables.TryAdd(name, value);
        }
    }
}
