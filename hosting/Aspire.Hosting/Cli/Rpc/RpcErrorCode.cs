namespace Aspire.Hosting.Cli.Rpc;

/// <summary>Error codes of JSON-RPC 2.0, and those that StreamJsonRpc adds.</summary>
internal enum RpcErrorCode
{
    /// <summary>The call was cancelled by its caller.</summary>
    Cancelled = -32800,

    /// <summary>There is no such method.</summary>
    MethodNotFound = -32601,

    /// <summary>The parameters are not those of the method.</summary>
    InvalidParameters = -32602,

    /// <summary>The sequence has ended or never was.</summary>
    UnknownSequence = -32001,

    /// <summary>The method failed.</summary>
    Failed = -32000,
}
