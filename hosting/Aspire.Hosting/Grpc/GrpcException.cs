namespace Aspire.Hosting.Grpc;

/// <summary>Ends a call with a status that the peer gets as it is: the message must not hold what the peer may not know.</summary>
internal sealed class GrpcException(GrpcStatusCode status, string message) : Exception(message)
{
    public GrpcStatusCode Status { get; } = status;
}
