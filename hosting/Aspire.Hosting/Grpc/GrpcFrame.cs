using System.Buffers;
using System.Buffers.Binary;

namespace Aspire.Hosting.Grpc;

/// <summary>A message on the wire: a byte that says whether it is compressed, four that say how long it is, and the message.</summary>
internal static class GrpcFrame
{
    public const int PrefixLength = 5;

    /// <summary>Takes the first message from what has arrived.</summary>
    /// <param name="received">What has arrived; moved behind the message when it is complete.</param>
    /// <param name="maximumBytes">The longest message to accept.</param>
    /// <param name="message">The message when it is complete.</param>
    /// <returns>Whether it is complete.</returns>
    /// <exception cref="GrpcException">The message is compressed, too long or no message.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> received, int maximumBytes, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (received.Length < PrefixLength)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        received.Slice(0, PrefixLength).CopyTo(prefix);
        CheckFlag(prefix[0]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > maximumBytes)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"A message of {length} bytes is longer than the {maximumBytes} bytes that are accepted.");
        }

        if (received.Length < PrefixLength + length)
        {
            return false;
        }

        message = received.Slice(PrefixLength, length);
        received = received.Slice(message.End);
        return true;
    }

    public static void WritePrefix(Span<byte> destination, int length)
    {
        destination[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)length);
    }

    private static void CheckFlag(byte flag)
    {
        if (flag == 1)
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, "Compressed messages are not supported.");
        }

        if (flag != 0)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "What was received is not a gRPC message.");
        }
    }
}
