using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Aspire.Hosting.Cli.Rpc;

/// <summary>The arguments of a call, by their positions.</summary>
internal sealed class RpcArguments(JsonElement parameters, JsonSerializerOptions json)
{
    /// <summary>The argument at a position; the type's default when it is left out or null.</summary>
    /// <exception cref="RpcException">It is there and of another kind.</exception>
    public T? Get<T>(int index)
    {
        if (parameters.ValueKind != JsonValueKind.Array || index >= parameters.GetArrayLength())
        {
            return default;
        }

        try
        {
            return parameters[index].Deserialize((JsonTypeInfo<T>)json.GetTypeInfo(typeof(T)));
        }
        catch (JsonException exception)
        {
            throw new RpcException(RpcErrorCode.InvalidParameters, $"Argument {index} is not what the method takes, at {exception.Path ?? "its beginning"}.");
        }
    }

    /// <summary>The argument at a position, which must be there.</summary>
    /// <exception cref="RpcException">It is left out, null or of another kind.</exception>
    public T Require<T>(int index)
        where T : class =>
        Get<T>(index) ?? throw new RpcException(RpcErrorCode.InvalidParameters, $"Argument {index} is missing.");
}
