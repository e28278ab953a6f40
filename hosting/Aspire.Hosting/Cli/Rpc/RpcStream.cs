namespace Aspire.Hosting.Cli.Rpc;

/// <summary>A result that the client pulls piece by piece.</summary>
/// <param name="Items">The pieces; nothing is produced before it is asked for.</param>
/// <param name="Batch">The most pieces in one answer, as far as they are there without waiting.</param>
internal sealed record RpcStream(IAsyncEnumerable<object> Items, int Batch = 1);
