using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Aspire.Hosting.Grpc;

/// <summary>Reads the messages a peer sends. One message is held at a time, and none beyond the maximum.</summary>
internal sealed class GrpcMessageReader<T>(PipeReader body, MessageParser<T> parser, int maximumBytes)
    where T : class, IMessage<T>
{
    /// <summary>Waits for the next message.</summary>
    /// <returns>The message; <see langword="null"/> when the peer has ended its side.</returns>
    /// <exception cref="GrpcException">What was received is no acceptable message.</exception>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
            var received = result.Buffer;
            if (GrpcFrame.TryRead(ref received, maximumBytes, out var message))
            {
                var parsed = Parse(message);
                body.AdvanceTo(received.Start);
                return parsed;
            }

            if (result.IsCompleted)
            {
                return received.IsEmpty ? null : throw new GrpcException(GrpcStatusCode.Internal, "The last message ends before its announced length.");
            }

            body.AdvanceTo(received.Start, received.End);
        }
    }

    /// <summary>Reads the one message of a call whose peer sends one.</summary>
    /// <exception cref="GrpcException">There is no message, or there are more.</exception>
    public async ValueTask<T> ReadOnlyAsync(CancellationToken cancellationToken)
    {
        var message = await ReadAsync(cancellationToken).ConfigureAwait(false) ?? throw new GrpcException(GrpcStatusCode.Internal, "The call has no message.");
        return await ReadAsync(cancellationToken).ConfigureAwait(false) is null
            ? message
            : throw new GrpcException(GrpcStatusCode.Internal, "The call has more than one message.");
    }

    private T Parse(ReadOnlySequence<byte> message)
    {
        try
        {
            return parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new GrpcException(GrpcStatusCode.Internal, $"What was received is not a message of type {typeof(T).Name}.");
        }
    }
}
