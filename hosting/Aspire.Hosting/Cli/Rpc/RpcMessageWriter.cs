using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aspire.Hosting.Cli.Rpc;

/// <summary>Writes messages, one at a time: whatever waits to be written is not JSON before its turn, and takes no memory as such.</summary>
internal sealed class RpcMessageWriter(Stream stream, RpcLimits limits, TimeProvider time) : IDisposable
{
    private const int KeptBytes = 64 * 1024;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SemaphoreSlim _turn = new(1);
    private ArrayBufferWriter<byte> _body = new();

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
            _body = _body.Capacity > KeptBytes ? new() : _body;
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Compose(Action<Utf8JsonWriter> write)
    {
        _body.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_body, Options);
        write(json);
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var headers = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {_body.WrittenCount}\r\n\r\n"));
        using var deadline = new CancellationTokenSource(limits.AnswerTime, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await stream.WriteAsync(headers, ending.Token).ConfigureAwait(false);
            await stream.WriteAsync(_body.WrittenMemory, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcViolationException(string.Create(CultureInfo.InvariantCulture, $"has not read its answers for {limits.AnswerTime.TotalSeconds} s"));
        }
    }
}
