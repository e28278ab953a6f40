using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Aspire.Hosting.Cli.Rpc;

/// <summary>Writes messages, one at a time: whatever waits to be written is not JSON before its turn, and takes no memory as such.</summary>
internal sealed class RpcMessageWriter(Stream stream, RpcLimits limits, TimeProvider time) : IDisposable
{
    private const int KeptBytes = 64 * 1024;

    // "Content-Length: ", ten digits and two line ends.
    private const int HeaderRoom = 30;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SemaphoreSlim _turn = new(1);
    private ArrayBufferWriter<byte> _message = new();

    /// <summary>Writes a message.</summary>
    /// <param name="write">Writes its JSON; when that fails nothing is sent.</param>
    /// <param name="cancellationToken">Gives up; what was sent until then is useless to the client.</param>
    /// <exception cref="RpcViolationException">The client does not read.</exception>
    public async Task WriteAsync(Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Compose(write);
            await SendAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // One large answer must not hold its memory for as long as the client stays.
            _message = _message.Capacity > KeptBytes ? new() : _message;
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Compose(Action<Utf8JsonWriter> write)
    {
        _message.ResetWrittenCount();
        _message.GetSpan(HeaderRoom);
        _message.Advance(HeaderRoom);
        using var json = new Utf8JsonWriter(_message, Options);
        write(json);
    }

    /// <summary>Puts the header right before the JSON, in the room that was left for it: one write is one wake-up of the client.</summary>
    private ReadOnlyMemory<byte> Seal()
    {
        var message = MemoryMarshal.AsMemory(_message.WrittenMemory);
        Span<byte> header = stackalloc byte[HeaderRoom];
        Utf8.TryWrite(header, CultureInfo.InvariantCulture, $"Content-Length: {message.Length - HeaderRoom}\r\n\r\n", out var length);
        header[..length].CopyTo(message.Span[(HeaderRoom - length)..]);
        return message[(HeaderRoom - length)..];
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limits.AnswerTime, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await stream.WriteAsync(Seal(), ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcViolationException(string.Create(CultureInfo.InvariantCulture, $"has not read its answers for {limits.AnswerTime.TotalSeconds} s"));
        }
    }
}
