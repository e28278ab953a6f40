using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace FlaskStack.Api.Http;

/// <summary>
/// A request body as JSON. A body that arrived in one piece is parsed where the server received it; only one in several pieces
/// is joined in a pooled buffer. Dispose it when the response is written.
/// </summary>
internal readonly struct JsonBody : IDisposable
{
    private readonly JsonDocument _document;
    private readonly PipeReader _reader;
    private readonly SequencePosition _end;
    private readonly byte[]? _joined;

    private JsonBody(JsonDocument document, PipeReader reader, SequencePosition end, byte[]? joined)
    {
        _document = document;
        _reader = reader;
        _end = end;
        _joined = joined;
    }

    /// <summary>The outermost value.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>Parses a whole body.</summary>
    /// <param name="reader">
    /// The reader that <paramref name="body"/> came from; it is advanced when this is disposed or parsing fails.
    /// </param>
    /// <param name="body">The bytes.</param>
    /// <exception cref="BadHttpRequestException">The body is empty or not JSON (400).</exception>
    public static JsonBody Parse(PipeReader reader, ReadOnlySequence<byte> body)
    {
        byte[]? joined = null;
        try
        {
            if (!body.IsSingleSegment)
            {
                joined = ArrayPool<byte>.Shared.Rent((int)body.Length);
                body.CopyTo(joined);
            }

            var memory = joined is null ? body.First : joined.AsMemory(0, (int)body.Length);
            return new JsonBody(JsonText.Parse(memory), reader, body.End, joined);
        }
        catch
        {
            Release(reader, body.End, joined);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _document.Dispose();
        Release(_reader, _end, _joined);
    }

    private static void Release(PipeReader reader, SequencePosition end, byte[]? joined)
    {
        reader.AdvanceTo(end);
        if (joined is not null)
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }
}

/// <summary>
/// Names the type of a request body for the API document. Unlike the framework's own metadata it takes no part in routing,
/// which would answer a wrong Content-Type before the handler can say what is wrong.
/// </summary>
internal sealed record RequestBodyMetadata(Type Type);

/// <summary>Reads a JSON request body up to a limit.</summary>
internal static class JsonBodyReader
{
    /// <summary>Reads the whole body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">The most bytes the body may have.</param>
    /// <returns>The parsed body, to be disposed after the response is written.</returns>
    /// <exception cref="BadHttpRequestException">
    /// The body is of another type or encoding (415), too large (413), empty or not JSON (400).
    /// </exception>
    public static async ValueTask<JsonBody> ReadAsync(HttpContext context, long maxBytes)
    {
        CheckType(context);
        var encoding = BodyDecompression.EncodingOf(context);
        // The limit is enforced here and not by the server: the server closes the connection while the client still sends, and the
        // client sees a reset instead of the answer. Without its own limit the server reads on for a while. Of a compressed body the
        // server limits what arrives, as much of that may decompress to nothing.
        if (encoding is null && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        CheckLength(context.Request.ContentLength ?? 0, maxBytes);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await ReadAsync(reader, encoding, context.RequestAborted).ConfigureAwait(false);
            var length = result.Buffer.Length;
            if (length > maxBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                CheckLength(length, maxBytes);
            }

            if (result.IsCompleted)
            {
                return JsonBody.Parse(reader, result.Buffer);
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static async ValueTask<ReadResult> ReadAsync(PipeReader reader, string? encoding, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (encoding is not null && exception is InvalidDataException or InvalidOperationException)
        {
            throw new BadHttpRequestException($"The body is not {encoding}, as its Content-Encoding says.", exception);
        }
    }

    private static void CheckType(HttpContext context)
    {
        var contentType = context.Request.ContentType;
        // What nearly every client sends needs no parsing.
        if (contentType is "application/json")
        {
            return;
        }

        if (context.Request.HasJsonContentType()
            && (!MediaTypeHeaderValue.TryParse(contentType, out var mediaType) || IsUnicode(mediaType)))
        {
            return;
        }

        context.Response.Headers.Accept = "application/json";
        throw new BadHttpRequestException(
            string.IsNullOrEmpty(contentType)
                ? "The request has no Content-Type; send application/json."
                : $"The Content-Type '{contentType}' is not served; send application/json in UTF-8.",
            StatusCodes.Status415UnsupportedMediaType);
    }

    private static bool IsUnicode(MediaTypeHeaderValue mediaType) =>
        mediaType.Charset.Length == 0
        || mediaType.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
        || mediaType.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)
        || mediaType.Charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);

    private static void CheckLength(long length, long maxBytes)
    {
        if (length > maxBytes)
        {
            throw new BadHttpRequestException(
                $"The body is larger than {maxBytes} bytes (Api:MaxBodyBytes).", StatusCodes.Status413PayloadTooLarge);
        }
    }
}

/// <summary>Parses JSON so strictly that reading any string of the document cannot fail later.</summary>
internal static class JsonText
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Parses a text.</summary>
    /// <param name="text">UTF-8; it must stay unchanged while the document is used.</param>
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
            throw new BadHttpRequestException(
                $"The body is not JSON: the string at byte {reader.TokenStartIndex + 1} has half of a surrogate pair.", exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }
}
