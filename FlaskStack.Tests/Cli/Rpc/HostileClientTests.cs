using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.Cli.Rpc;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli.Rpc;

public sealed class HostileClientTests
{
    private static readonly RpcMethod Echo = RpcMethod.Immediate("Echo", static call => call.Get<string>(0));
    private static readonly RpcMethod Much = RpcMethod.Immediate("Much", static _ => new string('x', 1024 * 1024));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("Content-Length: x\r\n\r\n{}")]
    [InlineData("Content-Length: -5\r\n\r\n{}")]
    [InlineData("Content-Length: 0\r\n\r\n")]
    [InlineData("Content-Length: 104857600\r\n\r\nxxxxxx")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("Content-Length: 6\r\n\r\nnojson")]
    [InlineData("Content-Length: 5\r\n\r\n{} {}")]
    [InlineData("Content-Length: 2\r\n\r\n{}")]
    [InlineData("Content-Length: 2\r\n\r\n[]")]
    [InlineData("Content-Length: 12\r\n\r\n{\"method\":5}")]
    [InlineData("Content-Length: 28\r\n\r\n{\"id\":{},\"method\":\"Echo\"   }")]
    [InlineData("Content-Length: 28\r\n\r\n{\"id\":null,\"method\":\"Echo\" }")]
    public async Task Is_dropped_with_one_line_for_what_is_no_call(string sent)
    {
        await using var server = new RunningRpcServer(Echo);
        using var peer = server.Connect();

        await peer.SendAsync(Encoding.UTF8.GetBytes(sent));

        Assert.True(await peer.IsClosedAsync());
        await AssertOneLineAndServingAsync(server, "was dropped");
    }

    [Fact]
    public async Task Is_dropped_for_garbage_without_end()
    {
        await using var server = new RunningRpcServer(Echo);
        using var peer = server.Connect();

        await peer.SendAsync(new byte[5000]);

        Assert.True(await peer.IsClosedAsync());
        await AssertOneLineAndServingAsync(server, "without the end of a header");
    }

    [Theory]
    [InlineData("Content-Length: 500\r\n\r\n{\"jsonrpc\"")]
    [InlineData("Content-Le")]
    public async Task Is_dropped_for_a_message_that_does_not_come_to_its_end(string sent)
    {
        await using var server = new RunningRpcServer(new RpcLimits { MessageTime = TimeSpan.FromMilliseconds(50) }, Echo);
        using var peer = server.Connect();

        await peer.SendAsync(Encoding.UTF8.GetBytes(sent));

        Assert.True(await peer.IsClosedAsync());
        Assert.Contains("a part of a message", await server.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gets_no_more_time_by_sending_byte_by_byte()
    {
        await using var server = new RunningRpcServer(new RpcLimits { MessageTime = TimeSpan.FromMilliseconds(100) }, Echo);
        using var peer = server.Connect();
        var sending = SendForeverAsync(peer);

        Assert.True(await peer.IsClosedAsync());
        Assert.Contains("a part of a message", await server.Log.NextAsync(), StringComparison.Ordinal);
        await sending.InTime();

        static async Task SendForeverAsync(RpcPeer peer)
        {
            try
            {
                while (true)
                {
                    await peer.SendAsync("C"u8.ToArray());
                    // The pace is the attack: never silent for as long as a message may take, and never done.
                    await Task.Delay(5);
                }
            }
            catch (IOException)
            {
                // Dropped.
            }
        }
    }

    [Fact]
    public async Task Is_dropped_for_an_id_that_is_too_long_to_keep()
    {
        await using var server = new RunningRpcServer(Echo);
        using var peer = server.Connect();

        await peer.SendAsync($$"""{"id":"{{new string('x', 100)}}","method":"Echo"}""");

        Assert.True(await peer.IsClosedAsync());
        await AssertOneLineAndServingAsync(server, "whose id has more than 64 characters");
    }

    [Fact]
    public async Task Is_dropped_when_it_leaves_in_the_middle_of_a_message()
    {
        await using var server = new RunningRpcServer(Echo);
        using (var peer = server.Connect())
        {
            await peer.SendAsync("Content-Length: 500\r\n\r\n{"u8.ToArray());
        }

        await AssertOneLineAndServingAsync(server, "left in the middle");
    }

    [Fact]
    public async Task Is_let_go_without_a_word_when_it_never_speaks()
    {
        await using var server = new RunningRpcServer(new RpcLimits { MessageTime = TimeSpan.FromMilliseconds(50) }, Echo);
        using var peer = server.Connect();

        Assert.True(await peer.IsClosedAsync());
        Assert.Empty(server.Log.Warnings);
    }

    [Fact]
    public async Task Is_dropped_when_it_uses_an_id_twice_at_once()
    {
        await using var server = new RunningRpcServer(new RpcMethod("Wait", static async (_, cancelled) =>
        {
            await Task.Delay(Timeout.Infinite, cancelled);
            return null;
        }));
        using var peer = server.Connect();

        await peer.SendAsync("""{"id":1,"method":"Wait"}""");
        await peer.SendAsync("""{"id":1,"method":"Wait"}""");

        Assert.True(await peer.IsClosedAsync());
        Assert.Contains("two calls at once", await server.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_refused_more_calls_than_the_limit()
    {
        var release = new TaskCompletionSource<object?>();
        await using var server = new RunningRpcServer(new RpcLimits { Calls = 2 }, new RpcMethod("Wait", (_, cancelled) => release.Task.WaitAsync(cancelled)), Echo);
        using var peer = server.Connect();

        await peer.BeginAsync("Wait");
        await peer.BeginAsync("Wait");
        Assert.Equal(-32000, await peer.FailAsync("Echo"));
        release.SetResult(null);
        await peer.ReadAsync();
        await peer.ReadAsync();
    }

    [Fact]
    public async Task Is_dropped_when_it_asks_and_never_reads()
    {
        await using var server = new RunningRpcServer(new RpcLimits { AnswerTime = TimeSpan.FromMilliseconds(100) }, Much, Echo);
        using var peer = server.Connect();

        for (var i = 0; i < 20; i++)
        {
            await peer.BeginAsync("Much");
        }

        Assert.Contains("has not read its answers", await server.Log.NextAsync(), StringComparison.Ordinal);
        Assert.True(await peer.IsClosedAsync());
        await AssertServingAsync(server);
    }

    [Fact]
    public async Task Is_turned_away_with_one_line_when_there_are_many_at_once()
    {
        await using var server = new RunningRpcServer(new RpcLimits { Connections = 8 }, Echo);
        var peers = new List<RpcPeer>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                peers.Add(server.Connect());
            }

            Assert.Contains("8 clients", await server.Log.NextAsync(), StringComparison.Ordinal);
            Assert.True(await peers[^1].IsClosedAsync());
            Assert.Equal("in", (await peers[0].AskAsync("Echo", "[\"in\"]")).GetString());
        }
        finally
        {
            peers.ForEach(static peer => peer.Dispose());
        }

        Assert.Single(server.Log.Warnings);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Cannot_be_another_user()
    {
        await using var server = new RunningRpcServer(Echo);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.Path));
    }

    private static async Task AssertOneLineAndServingAsync(RunningRpcServer server, string reason)
    {
        Assert.Contains(reason, await server.Log.NextAsync(), StringComparison.Ordinal);
        await AssertServingAsync(server);
        Assert.Single(server.Log.Warnings);
    }

    private static async Task AssertServingAsync(RunningRpcServer server)
    {
        using var other = server.Connect();
        Assert.Equal("on", (await other.AskAsync("Echo", "[\"on\"]")).GetString());
    }
}
