using System.Net;
using Aspire.Hosting.Grpc;
using Google.Protobuf.WellKnownTypes;

namespace FlaskStack.Tests.Hosting.Grpc;

public sealed class GrpcFramingTests
{
    private static readonly byte[] Hello = GrpcPeer.Frame(new StringValue { Value = "hello" });

    [Fact]
    public async Task Answers_a_call()
    {
        await using var server = await RunningGrpcServer.StartEchoAsync();

        using var reply = await server.CallAsync("hello");

        Assert.Equal("hello", (await reply.OnlyAsync()).Value);
    }

    [Fact]
    public async Task Takes_a_message_that_arrives_byte_by_byte()
    {
        await using var server = await RunningGrpcServer.StartEchoAsync();

        using var reply = await server.CallAsync(new RequestStream(Hello.Select(static octet => new[] { octet })).End());

        Assert.Equal("hello", (await reply.OnlyAsync()).Value);
    }

    [Fact]
    public async Task Takes_and_sends_messages_longer_than_any_buffer()
    {
        await using var server = await RunningGrpcServer.StartEchoAsync();
        var text = new string('x', 3 * 1024 * 1024);

        using var reply = await server.CallAsync(text);

        Assert.Equal(text, (await reply.OnlyAsync()).Value);
    }

    [Fact]
    public async Task Takes_several_messages_that_arrive_at_once()
    {
        await using var server = await RunningGrpcServer.StartAsync(GrpcMethod.Duplex<StringValue, StringValue>(RunningGrpcServer.Service, "Call", StringValue.Parser, EchoAsync));

        using var reply = await server.CallAsync(new RequestStream([.. Hello, .. GrpcPeer.Frame(new StringValue()), .. Hello]).End());

        Assert.Equal("hello", (await reply.ReadAsync())?.Value);
        Assert.Equal("", (await reply.ReadAsync())?.Value);
        Assert.Equal("hello", (await reply.ReadAsync())?.Value);
        Assert.Equal(GrpcStatusCode.Ok, (await reply.EndAsync()).Status);
    }

    [Fact]
    public async Task Sends_the_headers_of_a_stream_before_its_first_message()
    {
        await using var server = await RunningGrpcServer.StartAsync(GrpcMethod.Duplex<StringValue, StringValue>(RunningGrpcServer.Service, "Call", StringValue.Parser, EchoAsync));
        var body = new RequestStream();

        using var reply = await server.CallAsync(body);
        body.Write(Hello);
        var first = await reply.ReadAsync();
        body.End();

        Assert.Equal("hello", first?.Value);
        Assert.Equal(GrpcStatusCode.Ok, (await reply.EndAsync()).Status);
    }

    [Fact]
    public async Task Refuses_a_compressed_message()
        => await RefusesAsync(GrpcStatusCode.Unimplemented, GrpcPeer.Frame([1, 2, 3], flag: 1));

    [Fact]
    public async Task Refuses_a_message_that_is_too_long_before_it_has_come()
        => await RefusesAsync(GrpcStatusCode.ResourceExhausted, GrpcPeer.Frame([], announcedLength: GrpcMethod.MaximumReceivedBytes + 1));

    [Fact]
    public async Task Refuses_a_message_whose_length_says_it_is_negative()
        => await RefusesAsync(GrpcStatusCode.ResourceExhausted, GrpcPeer.Frame([], announcedLength: -1));

    [Fact]
    public async Task Refuses_what_is_no_frame()
        => await RefusesAsync(GrpcStatusCode.Internal, "GET / HTTP/1.1"u8.ToArray());

    [Fact]
    public async Task Refuses_what_is_no_message()
        => await RefusesAsync(GrpcStatusCode.Internal, GrpcPeer.Frame([0xFF, 0xFF, 0xFF]));

    [Fact]
    public async Task Refuses_a_message_that_ends_early()
        => await RefusesAsync(GrpcStatusCode.Internal, Hello[..^1]);

    [Fact]
    public async Task Refuses_a_call_without_a_message()
        => await RefusesAsync(GrpcStatusCode.Internal);

    [Fact]
    public async Task Refuses_a_second_message_where_one_is_taken()
        => await RefusesAsync(GrpcStatusCode.Internal, Hello, Hello);

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc+json")]
    public async Task Refuses_another_content_type(string type)
    {
        await using var server = await RunningGrpcServer.StartEchoAsync();

        using var response = await server.Peer.SendAsync(HttpMethod.Post, $"/{RunningGrpcServer.Service}/Call", new ByteArrayContent(Hello) { Headers = { ContentType = new(type) } });

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task Refuses_another_verb()
    {
        await using var server = await RunningGrpcServer.StartEchoAsync();

        using var response = await server.Peer.SendAsync(HttpMethod.Get, $"/{RunningGrpcServer.Service}/Call", body: null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    private static async Task RefusesAsync(GrpcStatusCode status, params byte[][] pieces)
    {
        await using var server = await RunningGrpcServer.StartEchoAsync();

        using var reply = await server.CallAsync(new RequestStream(pieces).End());

        Assert.Equal(status, (await reply.EndAsync()).Status);
        Assert.Empty(server.Logger.Warnings);
    }

    private static async Task EchoAsync(GrpcMessageReader<StringValue> reader, GrpcMessageWriter<StringValue> writer, CancellationToken cancellationToken)
    {
        await writer.StartAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken) is { } message)
        {
            await writer.WriteAsync(message, cancellationToken);
        }
    }
}
