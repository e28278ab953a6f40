using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

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
    /// <param name="reader">The reader that <paramref name="body"/> came from; it is advanced when this is disposed or parsing fails.</param>
    /// <param name="body">The bytes.</param>
    /// <returns>The parsed body.</returns>
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
/// <param name="Type">The type of the body.</param>
internal sealed record RequestBodyMetadata(Type Type);
