using System.Buffers.Binary;
using System.Net;
using FlaskStack.Tests.Hosting.Processes;
using Google.Protobuf;

namespace FlaskStack.Tests.Hosting.Grpc;

/// <summary>Calls a gRPC server with HTTP/2 as it comes, so that a test can also send what no proper client would.</summary>
internal sealed class GrpcPeer(Uri address) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = address,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public Dictionary<string, string> Headers { get; } = [];

    public static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    public static byte[] Frame(byte[] content, byte flag = 0, int? announcedLength = null)
    {
        var frame = new byte[5 + content.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), announcedLength ?? content.Length);
        content.CopyTo(frame, 5);
        return frame;
    }

    public Task<GrpcReply<T>> OpenAsync<T>(string path, IMessage request, MessageParser<T> parser, CancellationToken cancellationToken = default)
        where T : class, IMessage<T>
        => OpenAsync(path, new RequestStream(Frame(request)).End(), parser, cancellationToken);

    public async Task<GrpcReply<T>> OpenAsync<T>(string path, HttpContent body, MessageParser<T> parser, CancellationToken cancellationToken = default)
        where T : class, IMessage<T>
    {
        var response = await SendAsync(HttpMethod.Post, path, body, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType?.MediaType);
        return new GrpcReply<T>(response, await response.Content.ReadAsStreamAsync(cancellationToken), parser);
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(method, path) { Content = body, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).InTime();
    }

    public void Dispose() => _client.Dispose();
}
