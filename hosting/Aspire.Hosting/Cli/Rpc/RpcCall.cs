using System.Text.Json;

namespace Aspire.Hosting.Cli.Rpc;

/// <summary>A message that asks for something.</summary>
/// <param name="Method">What is asked for.</param>
/// <param name="Parameters">With what; undefined when there is nothing.</param>
/// <param name="Id">What the answer is to bear; null when none is wanted.</param>
internal sealed record RpcCall(string Method, JsonElement Parameters, JsonElement? Id)
{
    /// <summary>Reads a message.</summary>
    /// <returns>The call; null for an answer, of which none is waited for here.</returns>
    /// <exception cref="RpcViolationException">It is no JSON-RPC message.</exception>
    public static RpcCall? Read(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw new RpcViolationException("sent a message that is no JSON-RPC call");
        }

        if (!message.TryGetProperty("method", out var method))
        {
            return message.TryGetProperty("result", out _) || message.TryGetProperty("error", out _)
                ? null
                : throw new RpcViolationException("sent a message that is no JSON-RPC call");
        }

        if (method.ValueKind != JsonValueKind.String)
        {
            throw new RpcViolationException("sent a call whose method is no text");
        }

        message.TryGetProperty("params", out var parameters);
        return new RpcCall(method.GetString()!, parameters, ReadId(message));
    }

    private static JsonElement? ReadId(JsonElement message)
    {
        if (!message.TryGetProperty("id", out var id))
        {
            return null;
        }

        return id.ValueKind is JsonValueKind.Number or JsonValueKind.String
            ? id
            : throw new RpcViolationException("sent a call whose id is neither a number nor a text");
    }
}
