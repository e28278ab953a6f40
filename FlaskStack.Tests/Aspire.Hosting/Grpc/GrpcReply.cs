using System.Buffers.Binary;
using System.Globalization;
using Aspire.Hosting.Grpc;
using FlaskStack.Tests.Hosting.Processes;
using Google.Protobuf;

namespace FlaskStack.Tests.Hosting.Grpc;

/// <summary>The answer to a call, read message by message.</summary>
internal sealed class GrpcReply<T>(HttpResponseMessage response, Stream body, MessageParser<T> parser) : IDisposable
    where T : class, IMessage<T>
{
    private const int PrefixLength = 5;

    public bool IsTrailersOnly => response.Headers.Contains(GrpcHeaders.Status);

    /// <summary>Reads the next message; none when the answer has ended.</summary>
    public async Task<T?> ReadAsync()
    {
        var prefix = new byte[PrefixLength];
        var read = await body.ReadAtLeastAsync(prefix, PrefixLength, throwOnEndOfStream: false).AsTask().InTime();
        if (read == 0)
        {
            return null;
        }

        Assert.Equal(PrefixLength, read);
        Assert.Equal(0, prefix[0]);
        var content = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
        await body.ReadExactlyAsync(content).AsTask().InTime();
        return parser.ParseFrom(content);
    }

    /// <summary>Reads what is left, which must be nothing but the end, and gives the status.</summary>
    public async Task<(GrpcStatusCode Status, string Message)> EndAsync()
    {
        Assert.Null(await ReadAsync());
        var headers = IsTrailersOnly ? response.Headers : response.TrailingHeaders;
        var message = headers.TryGetValues(GrpcHeaders.Message, out var texts) ? Uri.UnescapeDataString(texts.Single()) : string.Empty;
        return ((GrpcStatusCode)int.Parse(headers.GetValues(GrpcHeaders.Status).Single(), CultureInfo.InvariantCulture), message);
    }

    public async Task<T> OnlyAsync()
    {
        var message = await ReadAsync();
        var (status, text) = await EndAsync();
        Assert.Equal(string.Empty, text);
        Assert.Equal(GrpcStatusCode.Ok, status);
        return Assert.IsType<T>(message);
    }

    public void Dispose()
    {
        body.Dispose();
        response.Dispose();
    }
}
