namespace Aspire.Hosting.Cli.Rpc;

/// <summary>Something that can be called.</summary>
/// <param name="Name">The exact name.</param>
/// <param name="InvokeAsync">Does it. The result is written as JSON; a <see cref="RpcStream"/> becomes a sequence that the client pulls.</param>
internal sealed record RpcMethod(string Name, Func<RpcArguments, CancellationToken, Task<object?>> InvokeAsync)
{
    /// <summary>A method that takes no time.</summary>
    public static RpcMethod Immediate(string name, Func<RpcArguments, object?> invoke) => new(name, (arguments, _) => Task.FromResult(invoke(arguments)));
}
