using System.IO.Pipelines;
using Google.Protobuf;

namespace Aspire.Hosting.Grpc;

/// <summary>Sends messages to a peer. A write ends when the connection has taken the message, so that a slow peer is felt by whoever writes.</summary>
internal sealed class GrpcMessageWriter<T>(PipeWriter body)
    where T : class, IMessage<T>
{
    /// <summary>Sends the headers: a caller of a stream waits for them, and the first message may be long in coming.</summary>
    public async ValueTask StartAsync(CancellationToken cancellationToken) => await body.FlushAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask WriteAsync(T message, CancellationToken cancellationToken)
    {
        var length = message.CalculateSize();
        var frame = body.GetMemory(GrpcFrame.PrefixLength + length)[..(GrpcFrame.PrefixLength + length)];
        GrpcFrame.WritePrefix(frame.Span, length);
        message.WriteTo(frame.Span[GrpcFrame.PrefixLength..]);
        body.Advance(frame.Length);
        await body.FlushAsync(cancellationToken).ConfigureAwait(false);

        // Kestrel drops what is written to a closed stream without a word.
        cancellationToken.ThrowIfCancellationRequested();
    }
}
