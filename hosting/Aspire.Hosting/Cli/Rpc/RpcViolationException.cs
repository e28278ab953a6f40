namespace Aspire.Hosting.Cli.Rpc;

/// <summary>A client that breaks the protocol or takes too much, and is dropped for it.</summary>
/// <param name="message">What it did, to follow "it".</param>
internal sealed class RpcViolationException(string message) : Exception(message);
