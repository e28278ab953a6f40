using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FlaskStack.Api.Server;

/// <summary>Writes what <see cref="ServerApi"/> returned: a string as plain text (never as HTML), anything else as JSON.</summary>
internal static class ResultResponse
{
    private const string Json = "application/json; charset=utf-8";
    private const string Text = "text/plain; charset=utf-8";

    /// <summary>Writes the result.</summary>
    /// <param name="context">The request.</param>
    /// <param name="result">The result.</param>
    /// <returns>A task that ends when the response is written.</returns>
    /// <exception cref="InvalidOperationException">The type of the result is not listed in <see cref="ApiJsonContext"/>.</exception>
    public static Task WriteAsync(HttpContext context, object? result) => result switch
    {
        string text => WriteTextAsync(context, text),
        JsonElement element => WriteElementAsync(context, element),
        JsonDocument document => WriteElementAsync(context, document.RootElement),
        JsonValue value when value.TryGetValue<string>(out var text) => WriteTextAsync(context, text),
        JsonNode node => WriteJsonAsync(context, JsonSerializer.SerializeToUtf8Bytes(node, ApiJsonContext.Plain.JsonNode)),
        null => WriteJsonAsync(context, "null"u8),
        _ => WriteJsonAsync(context, Serialize(result)),
    };

    private static Task WriteElementAsync(HttpContext context, JsonElement element) => element.ValueKind == JsonValueKind.String
        ? WriteTextAsync(context, element.GetString()!)
        : WriteJsonAsync(context, JsonMarshal.GetRawUtf8Value(element));

    private static Task WriteTextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = Text;
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(text);
        Encoding.UTF8.GetBytes(text.AsSpan(), context.Response.BodyWriter);
        return FlushAsync(context);
    }

    private static Task WriteJsonAsync(HttpContext context, ReadOnlySpan<byte> json)
    {
        context.Response.ContentType = Json;
        context.Response.ContentLength = json.Length;
        System.Buffers.BuffersExtensions.Write(context.Response.BodyWriter, json);
        return FlushAsync(context);
    }

    private static async Task FlushAsync(HttpContext context) =>
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);

    private static byte[] Serialize(object result)
    {
        var type = result.GetType();
        return ApiJsonContext.Plain.GetTypeInfo(type) is { } typeInfo
            ? JsonSerializer.SerializeToUtf8Bytes(result, typeInfo)
            : throw new InvalidOperationException($"ServerApi returned a {type}, which has no JSON serializer: add [JsonSerializable(typeof({type.Name}))] to ApiJsonContext.");
    }
}
