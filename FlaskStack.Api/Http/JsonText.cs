using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace FlaskStack.Api.Http;

/// <summary>Parses JSON so strictly that reading any string of the document cannot fail later.</summary>
internal static class JsonText
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Parses a text.</summary>
    /// <param name="text">UTF-8; it must stay unchanged while the document is used.</param>
    /// <returns>The document.</returns>
    /// <exception cref="BadHttpRequestException">The text is empty, or no JSON, or nested more than 64 deep (400).</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> text)
    {
        if (text.Span.StartsWith(ByteOrderMark))
        {
            text = text[ByteOrderMark.Length..];
        }

        if (text.IsEmpty)
        {
            throw new BadHttpRequestException("The body is empty; send a JSON object with the property 'data'.");
        }

        if (!Utf8.IsValid(text.Span))
        {
            throw new BadHttpRequestException("The body is not JSON: it is not UTF-8.");
        }

        try
        {
            var document = JsonDocument.Parse(text);
            CheckSurrogates(text.Span);
            return document;
        }
        catch (JsonException exception)
        {
            throw new BadHttpRequestException(Describe(exception), exception);
        }
    }

    private static string Describe(JsonException exception)
    {
        // System.Text.Json appends the position, counted from zero; people and editors count from one.
        var reason = exception.Message.AsSpan();
        var position = reason.IndexOf(" LineNumber:");
        reason = position < 0 ? reason : reason[..position];
        return $"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: {reason}";
    }

    // An escape such as \ud800 without its other half parses, and throws only when the string is read.
    private static void CheckSurrogates(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("\\ud"u8) < 0 && text.IndexOf("\\uD"u8) < 0)
        {
            return;
        }

        var scratch = ArrayPool<byte>.Shared.Rent(text.Length);
        var reader = new Utf8JsonReader(text);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.CopyString(scratch);
                }
            }
        }
        catch (InvalidOperationException exception)
        {
            throw new BadHttpRequestException($"The body is not JSON: the string at byte {reader.TokenStartIndex + 1} has half of a surrogate pair.", exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }
}
