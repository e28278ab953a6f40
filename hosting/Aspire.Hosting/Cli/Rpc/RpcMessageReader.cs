using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace Aspire.Hosting.Cli.Rpc;

/// <summary>
/// Reads messages: headers as in HTTP, of which <c>Content-Length</c> counts, and that many bytes of JSON. Memory is taken for what has
/// come, never for what is promised.
/// </summary>
internal sealed class RpcMessageReader(Stream stream, RpcLimits limits, TimeProvider time)
{
    private const string LengthHeader = "Content-Length";
    private const string LineEnd = "\r\n";

    private readonly PipeReader _pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
    private bool _hasBegun;

    private static ReadOnlySpan<byte> HeadersEnd => "\r\n\r\n"u8;

    /// <summary>Reads the next message.</summary>
    /// <returns>The message; null when the client has gone.</returns>
    /// <exception cref="RpcViolationException">It is no message, too large, or takes too long to come.</exception>
    public async Task<JsonElement?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await HasMoreAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        using var deadline = new CancellationTokenSource(limits.MessageTime, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var length = await ReadHeadersAsync(ending.Token).ConfigureAwait(false);
            return await ReadBodyAsync(length, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcViolationException(string.Create(CultureInfo.InvariantCulture, $"sent a part of a message and no more of it for {limits.MessageTime.TotalSeconds} s"));
        }
    }

    /// <summary>A client that has spoken may be silent for as long as it likes.</summary>
    private async Task<bool> HasMoreAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_hasBegun ? Timeout.InfiniteTimeSpan : limits.MessageTime, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var read = await _pipe.ReadAsync(ending.Token).ConfigureAwait(false);
            _pipe.AdvanceTo(read.Buffer.Start);
            _hasBegun = true;
            return !read.Buffer.IsEmpty;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // One that only looks whether somebody is there has done nothing wrong.
            return false;
        }
    }

    private async Task<int> ReadHeadersAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (TrySplit(read.Buffer, out var headers, out var rest))
            {
                var length = ParseLength(headers);
                _pipe.AdvanceTo(rest);
                return length;
            }

            if (read.Buffer.Length > limits.HeaderBytes)
            {
                throw new RpcViolationException($"sent more than {limits.HeaderBytes} bytes without the end of a header");
            }

            EnsureMoreComes(read);
            _pipe.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private async Task<JsonElement> ReadBodyAsync(int length, CancellationToken cancellationToken)
    {
        var read = await _pipe.ReadAtLeastAsync(length, cancellationToken).ConfigureAwait(false);
        if (read.Buffer.Length < length)
        {
            EnsureMoreComes(read);
        }

        var body = read.Buffer.Slice(0, length);
        try
        {
            return Parse(body);
        }
        catch (JsonException)
        {
            throw new RpcViolationException("sent a message that is no JSON");
        }
        finally
        {
            _pipe.AdvanceTo(body.End);
        }
    }

    private static bool TrySplit(ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> headers, out SequencePosition rest)
    {
        var reader = new SequenceReader<byte>(buffer);
        var found = reader.TryReadTo(out headers, HeadersEnd);
        rest = reader.Position;
        return found;
    }

    private int ParseLength(ReadOnlySequence<byte> headers)
    {
        if (headers.Length > limits.HeaderBytes)
        {
            throw new RpcViolationException($"sent more than {limits.HeaderBytes} bytes of headers");
        }

        foreach (var line in Encoding.Latin1.GetString(headers).Split(LineEnd))
        {
            if (line.Split(':', 2) is [var name, var value] && name.Trim().Equals(LengthHeader, StringComparison.OrdinalIgnoreCase))
            {
                return ParseLength(value.Trim());
            }
        }

        throw new RpcViolationException($"sent a message without a {LengthHeader}");
    }

    private int ParseLength(string value)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length == 0)
        {
            throw new RpcViolationException($"sent a {LengthHeader} that is no number of bytes");
        }

        return length <= limits.MessageBytes
            ? (int)length
            : throw new RpcViolationException($"announced a message of {length} bytes, of which {limits.MessageBytes} are the most");
    }

    private static void EnsureMoreComes(ReadResult read)
    {
        if (read.IsCompleted)
        {
            throw new RpcViolationException("left in the middle of a message");
        }
    }

    private static JsonElement Parse(ReadOnlySequence<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        var message = JsonElement.ParseValue(ref reader);
        return reader.Read() ? throw new JsonException() : message;
    }
}
