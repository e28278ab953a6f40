namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

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
