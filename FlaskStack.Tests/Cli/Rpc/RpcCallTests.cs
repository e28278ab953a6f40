using System.Text.Json;
using Aspire.Hosting.Cli.Rpc;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli.Rpc;

public sealed class RpcCallTests
{
    private static readonly RpcMethod Echo = RpcMethod.Immediate("Echo", static call => call.Get<string>(0));

    [Theory]
    [InlineData("7")]
    [InlineData("\"seven\"")]
    [InlineData("-1")]
    public async Task Answers_with_the_id_of_the_call(string id)
    {
        await using var server = new RunningRpcServer(Echo);
        using var peer = server.Connect();

        await peer.SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"Echo","params":["Grüße"],"traceparent":"00-0-0-00"}""");

        Assert.Equal($$"""{"jsonrpc":"2.0","id":{{id}},"result":"Grüße"}""", (await peer.ReadAsync()).GetRawText());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("{}")]
    public async Task Takes_arguments_that_are_left_out_for_absent(string parameters)
    {
        await using var server = new RunningRpcServer(Echo);
        using var peer = server.Connect();

        Assert.Equal(JsonValueKind.Null, (await peer.AskAsync("Echo", parameters)).ValueKind);
    }

    [Fact]
    public async Task Refuses_what_it_does_not_know_and_goes_on()
    {
        await using var server = new RunningRpcServer(Echo);
        using var peer = server.Connect();

        Assert.Equal(-32601, await peer.FailAsync("echo"));
        Assert.Equal(-32602, await peer.FailAsync("Echo", "[[]]"));
        Assert.Equal(-32001, await peer.FailAsync("$/enumerator/next", "[5]"));
        Assert.Equal(-32001, await peer.FailAsync("$/enumerator/next"));
        await peer.NotifyAsync("unknown", "[]");
        await peer.SendAsync("""{"jsonrpc":"2.0","id":9,"result":null}""");
        Assert.Equal("on", (await peer.AskAsync("Echo", "[\"on\"]")).GetString());
        Assert.Empty(server.Log.Warnings);
    }

    [Fact]
    public async Task Says_why_a_call_failed_and_logs_it()
    {
        await using var server = new RunningRpcServer(RpcMethod.Immediate("Fail", static _ => throw new InvalidOperationException("no luck")));
        using var peer = server.Connect();

        var error = (await peer.CallAsync("Fail")).GetProperty("error");

        Assert.Equal(-32000, error.GetProperty("code").GetInt32());
        Assert.Equal("no luck", error.GetProperty("message").GetString());
        Assert.Equal("System.InvalidOperationException", error.GetProperty("data").GetProperty("type").GetString());
        Assert.Equal("A call of Fail failed.", await server.Log.NextAsync());
    }

    [Fact]
    public async Task Answers_with_an_error_when_a_result_cannot_be_written()
    {
        await using var server = new RunningRpcServer(RpcMethod.Immediate("Loop", static _ => new Endless()));
        using var peer = server.Connect();

        Assert.Equal(-32000, await peer.FailAsync("Loop"));
    }

    [Fact]
    public async Task Runs_calls_at_the_same_time_and_cancels_the_one_that_is_meant()
    {
        var release = new TaskCompletionSource();
        await using var server = new RunningRpcServer(
            new RpcMethod("Wait", async (_, cancelled) =>
            {
                await release.Task.WaitAsync(cancelled);
                return "waited";
            }),
            Echo);
        using var peer = server.Connect();

        var first = await peer.BeginAsync("Wait");
        var second = await peer.BeginAsync("Wait");
        Assert.Equal("quick", (await peer.AskAsync("Echo", "[\"quick\"]")).GetString());
        await peer.NotifyAsync("$/cancelRequest", $$"""{"id":{{first}}}""");
        var cancelled = await peer.ReadAsync();
        release.SetResult();
        var waited = await peer.ReadAsync();

        Assert.Equal((first, -32800), (cancelled.GetProperty("id").GetInt32(), RpcPeer.CodeOf(cancelled)));
        Assert.Equal((second, "waited"), (waited.GetProperty("id").GetInt32(), waited.GetProperty("result").GetString()));
    }

    [Fact]
    public async Task Cancels_the_calls_of_a_client_that_leaves()
    {
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var server = new RunningRpcServer(new RpcMethod("Wait", async (_, token) =>
        {
            using var registration = token.Register(cancelled.SetResult);
            started.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return null;
        }));

        using (var peer = server.Connect())
        {
            await peer.BeginAsync("Wait");
            await started.Task.InTime();
        }

        await cancelled.Task.InTime();
    }

    [Fact]
    public async Task Answers_the_calls_under_way_when_the_server_stops()
    {
        var started = new TaskCompletionSource();
        await using var server = new RunningRpcServer(new RpcMethod("Wait", async (_, token) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return null;
        }));
        using var peer = server.Connect();

        await peer.BeginAsync("Wait");
        await started.Task.InTime();
        await server.StopAsync();

        Assert.Equal(-32800, RpcPeer.CodeOf(await peer.ReadAsync()));
        Assert.True(await peer.IsClosedAsync());
        Assert.False(File.Exists(server.Path));
    }

    private sealed class Endless
    {
        public Endless Next => this;
    }
}
