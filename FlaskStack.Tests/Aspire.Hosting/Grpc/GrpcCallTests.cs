using Aspire.Hosting.Grpc;
using FlaskStack.Tests.Hosting.Processes;
using Google.Protobuf.WellKnownTypes;

namespace FlaskStack.Tests.Hosting.Grpc;

public sealed class GrpcCallTests
{
    [Fact]
    public async Task Does_not_know_other_methods()
    {
        await using var server = await RunningGrpcServer.StartEchoAsync();

        using var reply = await server.Peer.OpenAsync($"/{RunningGrpcServer.Service}/Other", new StringValue(), StringValue.Parser);

        Assert.True(reply.IsTrailersOnly);
        Assert.Equal(GrpcStatusCode.Unimplemented, (await reply.EndAsync()).Status);
    }

    [Theory]
    [InlineData("Call")]
    [InlineData("Other")]
    public async Task Tells_nothing_to_who_is_not_allowed_to_call(string method)
    {
        await using var server = await RunningGrpcServer.StartAsync(RunningGrpcServer.Unary((request, _) => Task.FromResult(request)), isAllowed: false);

        using var reply = await server.Peer.OpenAsync($"/{RunningGrpcServer.Service}/{method}", new StringValue(), StringValue.Parser);

        Assert.Equal(GrpcStatusCode.Unauthenticated, (await reply.EndAsync()).Status);
    }

    [Theory]
    [InlineData("100m")]
    [InlineData("1n")]
    public async Task Ends_a_call_at_its_deadline(string timeout)
    {
        await using var server = await RunningGrpcServer.StartAsync(RunningGrpcServer.Stream((_, ended) => Task.Delay(Timeout.Infinite, ended)));
        server.Peer.Headers[GrpcHeaders.Timeout] = timeout;

        using var reply = await server.CallAsync();

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, (await reply.EndAsync()).Status);
        Assert.Empty(server.Logger.Warnings);
    }

    [Theory]
    [InlineData("99999999H")]
    [InlineData("1M")]
    public async Task Takes_a_deadline_that_is_far_away(string timeout)
    {
        await using var server = await RunningGrpcServer.StartEchoAsync();
        server.Peer.Headers[GrpcHeaders.Timeout] = timeout;

        using var reply = await server.CallAsync("in time");

        Assert.Equal("in time", (await reply.OnlyAsync()).Value);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("1")]
    [InlineData("S")]
    [InlineData("-1S")]
    [InlineData("123456789S")]
    public async Task Refuses_a_deadline_that_is_none(string timeout)
    {
        await using var server = await RunningGrpcServer.StartEchoAsync();
        server.Peer.Headers[GrpcHeaders.Timeout] = timeout;

        using var reply = await server.CallAsync();

        Assert.Equal(GrpcStatusCode.Internal, (await reply.EndAsync()).Status);
    }

    [Theory]
    [InlineData("2H", 7_200_000_000)]
    [InlineData("2M", 120_000_000)]
    [InlineData("2S", 2_000_000)]
    [InlineData("2m", 2_000)]
    [InlineData("2u", 2)]
    [InlineData("2000n", 2)]
    public void Reads_deadlines_in_every_unit(string header, long microseconds)
        => Assert.Equal(TimeSpan.FromMicroseconds(microseconds), GrpcTimeout.Parse(header));

    [Fact]
    public async Task Tells_the_method_when_its_caller_is_gone()
    {
        var gone = new TaskCompletionSource();
        await using var server = await RunningGrpcServer.StartAsync(RunningGrpcServer.Stream(async (_, ended) =>
        {
            using var registration = ended.Register(gone.SetResult);
            await Task.Delay(Timeout.Infinite, ended);
        }));

        var reply = await server.CallAsync();
        reply.Dispose();

        await gone.Task.InTime();
        Assert.Empty(server.Logger.Warnings);
    }

    [Fact]
    public async Task Passes_on_the_status_a_method_chose_in_any_script()
    {
        await using var server = await RunningGrpcServer.StartAsync(RunningGrpcServer.Unary((_, _) => throw new GrpcException(GrpcStatusCode.NotFound, "Größe: 100 %\n東京 🗼")));

        using var reply = await server.CallAsync();

        Assert.Equal((GrpcStatusCode.NotFound, "Größe: 100 %\n東京 🗼"), await reply.EndAsync());
        Assert.Empty(server.Logger.Warnings);
    }

    [Fact]
    public async Task Logs_why_a_method_failed_and_keeps_it_from_the_caller()
    {
        await using var server = await RunningGrpcServer.StartAsync(RunningGrpcServer.Unary((_, _) => throw new InvalidOperationException("the secret")));

        using var reply = await server.CallAsync();
        var (status, message) = await reply.EndAsync();

        Assert.Equal(GrpcStatusCode.Internal, status);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
        Assert.Contains($"/{RunningGrpcServer.Service}/Call", Assert.Single(server.Logger.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sends_the_status_of_a_stream_that_failed_after_its_messages()
    {
        await using var server = await RunningGrpcServer.StartAsync(RunningGrpcServer.Stream(async (writer, ended) =>
        {
            await writer.WriteAsync(new StringValue { Value = "one" }, ended);
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, "no more");
        }));

        using var reply = await server.CallAsync();

        Assert.Equal("one", (await reply.ReadAsync())?.Value);
        Assert.Equal((GrpcStatusCode.FailedPrecondition, "no more"), await reply.EndAsync());
        Assert.False(reply.IsTrailersOnly);
    }

    [Fact]
    public async Task Ends_open_calls_when_it_stops()
    {
        await using var server = await RunningGrpcServer.StartAsync(RunningGrpcServer.Stream((_, ended) => Task.Delay(Timeout.Infinite, ended)));
        using var reply = await server.CallAsync();

        await server.StopAsync();

        Assert.Equal(GrpcStatusCode.Unavailable, (await reply.EndAsync()).Status);
    }

    [Fact]
    public async Task Stops_although_a_method_does_not_give_up()
    {
        var end = new TaskCompletionSource();
        await using var server = await RunningGrpcServer.StartAsync(RunningGrpcServer.Stream((_, _) => end.Task));
        using var reply = await server.CallAsync();

        await server.StopAsync();

        end.SetResult();
    }

    [Fact]
    public async Task Lets_a_peer_that_does_not_read_hold_up_the_writer()
    {
        const int MessageLength = 64 * 1024;
        const int Messages = 2_000;
        var written = 0;
        await using var server = await RunningGrpcServer.StartAsync(RunningGrpcServer.Stream(async (writer, ended) =>
        {
            var message = new StringValue { Value = new string('x', MessageLength) };
            for (var i = 0; i < Messages; i++)
            {
                await writer.WriteAsync(message, ended);
                Interlocked.Increment(ref written);
            }
        }));

        using var reply = await server.CallAsync();
        await RoundTripsAsync(server, 300);
        var heldUpAt = Volatile.Read(ref written);
        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal(MessageLength, (await reply.ReadAsync())?.Value.Length);
        }

        // What fits into the windows and buffers on the way is written; the rest waits.
        Assert.InRange(heldUpAt, 0, Messages / 10);
        Assert.Equal(GrpcStatusCode.Ok, (await reply.EndAsync()).Status);
    }

    /// <summary>Gives the server time in which a writer that is not held up would get far.</summary>
    private static async Task RoundTripsAsync(RunningGrpcServer server, int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var reply = await server.Peer.OpenAsync($"/{RunningGrpcServer.Service}/Other", new StringValue(), StringValue.Parser);
            await reply.EndAsync();
        }
    }
}
