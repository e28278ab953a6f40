namespace Aspire.Hosting.Cli.Rpc;

/// <summary>A call that is answered with an error, which tells nothing about the server.</summary>
internal sealed class RpcException(RpcErrorCode code, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>What is answered.</summary>
    public RpcErrorCode Code { get; } = code;
}
