using System.Buffers;
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

    /// <summary>Puts the result into the response, which is still to be flushed.</summary>
    /// <param name="response">The response.</param>
    /// <param name="result">The result; not used any more when this returns.</param>
    /// <exception cref="InvalidOperationException">The type of the result is not listed in <see cref="ApiJsonContext"/>.</exception>
    public static void Write(HttpResponse response, object? result)
    {
        switch (result)
        {
            case string text:
                WriteText(response, text);
                break;
            case JsonElement element:
                WriteElement(response, element);
                break;
            case JsonDocument document:
                WriteElement(response, document.RootElement);
                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                WriteText(response, text);
                break;
            case JsonNode node:
                Write(response, Json, JsonSerializer.SerializeToUtf8Bytes(node, ApiJsonContext.Plain.JsonNode));
                break;
            case null:
                Write(response, Json, "null"u8);
                break;
            default:
                Write(response, Json, Serialize(result));
                break;
        }
    }

    private static void WriteElement(HttpResponse response, JsonElement element)
    {
        var json = JsonMarshal.GetRawUtf8Value(element);
        if (element.ValueKind == JsonValueKind.String)
        {
            WriteJsonString(response, json);
        }
        else
        {
            Write(response, Json, json);
        }
    }

    // A long text as a string of its own would go to the heap of large objects, whose collections stop all requests for longest.
    private static void WriteJsonString(HttpResponse response, ReadOnlySpan<byte> quoted)
    {
        var text = quoted[1..^1];
        if (!text.Contains((byte)'\\'))
        {
            Write(response, Text, text);
            return;
        }

        var scratch = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            var reader = new Utf8JsonReader(quoted);
            reader.Read();
            Write(response, Text, scratch.AsSpan(0, reader.CopyString(scratch)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private static void WriteText(HttpResponse response, string text)
    {
        response.ContentType = Text;
        response.ContentLength = Encoding.UTF8.GetByteCount(text);
        Encoding.UTF8.GetBytes(text.AsSpan(), response.BodyWriter);
    }

    private static void Write(HttpResponse response, string contentType, ReadOnlySpan<byte> content)
    {
        response.ContentType = contentType;
        response.ContentLength = content.Length;
        response.BodyWriter.Write(content);
    }

    private static byte[] Serialize(object result)
    {
        var type = result.GetType();
        return ApiJsonContext.Plain.GetTypeInfo(type) is { } typeInfo
            ? JsonSerializer.SerializeToUtf8Bytes(result, typeInfo)
            : throw new InvalidOperationException($"ServerApi returned a {type}, which has no JSON serializer: add [JsonSerializable(typeof({type.Name}))] to ApiJsonContext.");
    }
}
