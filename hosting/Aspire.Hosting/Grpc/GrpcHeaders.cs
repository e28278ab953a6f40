namespace Aspire.Hosting.Grpc;

/// <summary>Names and values that gRPC gives to HTTP/2 headers and trailers.</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";
    public const string ProtobufContentType = "application/grpc+proto";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Identity = "identity";

    /// <summary>Says whether a content type is that of gRPC with protobuf messages, with or without parameters.</summary>
    public static bool IsGrpc(string? contentType)
    {
        var type = contentType.AsSpan();
        var end = type.IndexOf(';');
        var name = (end < 0 ? type : type[..end]).Trim();
        return name.Equals(ContentType, StringComparison.OrdinalIgnoreCase) || name.Equals(ProtobufContentType, StringComparison.OrdinalIgnoreCase);
    }
}
