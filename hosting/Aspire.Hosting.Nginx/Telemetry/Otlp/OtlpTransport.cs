namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

/// <summary>How OTLP messages travel.</summary>
internal enum OtlpTransport
{
    /// <summary>gRPC over HTTP/2.</summary>
    Grpc,

    /// <summary>Protocol buffers in the body of an HTTP request.</summary>
    HttpProtobuf,
}
