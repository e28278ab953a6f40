using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;

namespace FlaskStack.Tests.Hosting.Grpc;

/// <summary>A request body that is written piece by piece, each sent at once, until the test ends it.</summary>
internal sealed class RequestStream : HttpContent
{
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();

    public RequestStream(params IEnumerable<byte[]> pieces)
    {
        Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        foreach (var piece in pieces)
        {
            Write(piece);
        }
    }

    public void Write(byte[] piece) => _pieces.Writer.TryWrite(piece);

    public RequestStream End()
    {
        _pieces.Writer.TryComplete();
        return this;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Headers go out with the first write; a caller may have nothing to say yet.
        await stream.FlushAsync(cancellationToken);
        await foreach (var piece in _pieces.Reader.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(piece, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
