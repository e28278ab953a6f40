namespace Aspire.Hosting;

/// <summary>How telemetry is sent.</summary>
public enum OtlpProtocol
{
    /// <summary>OTLP over gRPC.</summary>
    Grpc,

    /// <summary>OTLP over HTTP, as Protocol Buffers.</summary>
    HttpProtobuf,

    /// <summary>OTLP over HTTP, as JSON.</summary>
    HttpJson,
}
