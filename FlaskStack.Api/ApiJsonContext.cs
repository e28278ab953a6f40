using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FlaskStack.Api.Http;
using FlaskStack.Api.Server;

namespace FlaskStack.Api;

/// <summary>
/// The types written as JSON. Add <c>[JsonSerializable(typeof(YourType))]</c> for each type that <see cref="ServerApi"/>
/// returns: serializers are generated at build time, so that native builds need no reflection.
/// </summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ServerRequest))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(decimal))]
internal sealed partial class ApiJsonContext : JsonSerializerContext
{
    /// <summary>
    /// Writes text as it is instead of escaping everything that HTML might misread: no response is HTML, and none may be
    /// taken for it (<c>nosniff</c>).
    /// </summary>
    public static ApiJsonContext Plain { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
