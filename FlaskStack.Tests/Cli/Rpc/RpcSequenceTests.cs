using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Aspire.Hosting.Cli.Rpc;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Cli.Rpc;

public sealed class RpcSequenceTests
{
    [Fact]
    public async Task Is_pulled_in_batches_as_far_as_pieces_are_there()
    {
        var pieces = Channel.CreateUnbounded<string>();
        await using var server = new RunningRpcServer(Method(pieces, batch: 2));
        using var peer = server.Connect();
        Write(pieces, "a", "b", "c");

        var token = await peer.OpenAsync("Read");
        var first = await peer.PullAsync(token);
        var second = await peer.PullAsync(token);
        var waiting = await peer.BeginAsync("$/enumerator/next", $"[{token}]");
        Write(pieces, "d");
        var third = await peer.ReadAsync();
        pieces.Writer.Complete();
        var last = await peer.PullAsync(token);

        Assert.Equal(("a b", false), Texts(first));
        Assert.Equal(("c", false), Texts(second));
        Assert.Equal(waiting, third.GetProperty("id").GetInt32());
        Assert.Equal("""{"values":["d"],"finished":false}""", third.GetProperty("result").GetRawText());
        Assert.Equal(("", true), Texts(last));
        Assert.Equal(-32001, await peer.FailAsync("$/enumerator/next", $"[{token}]"));
    }

    [Fact]
    public async Task Produces_nothing_before_it_is_asked()
    {
        var produced = 0;
        await using var server = new RunningRpcServer(RpcMethod.Immediate("Read", _ => new RpcStream(ProduceAsync())));
        using var peer = server.Connect();

        var token = await peer.OpenAsync("Read");
        await peer.PullAsync(token);
        await peer.PullAsync(token);

        Assert.Equal(2, produced);

        async IAsyncEnumerable<object> ProduceAsync()
        {
            while (true)
            {
                await Task.Yield();
                yield return ++produced;
            }
        }
    }

    [Fact]
    public async Task Loses_nothing_when_a_pull_is_cancelled()
    {
        var pieces = Channel.CreateUnbounded<string>();
        await using var server = new RunningRpcServer(Method(pieces));
        using var peer = server.Connect();

        var token = await peer.OpenAsync("Read");
        var pull = await peer.BeginAsync("$/enumerator/next", $"[{token}]");
        await peer.NotifyAsync("$/cancelRequest", $$"""{"id":{{pull}}}""");
        Assert.Equal(-32800, RpcPeer.CodeOf(await peer.ReadAsync()));
        Write(pieces, "a");

        Assert.Equal(("a", false), Texts(await peer.PullAsync(token)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ends_its_producer_when_the_client_aborts_or_leaves(bool leaves)
    {
        var waiting = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var server = new RunningRpcServer(RpcMethod.Immediate("Read", _ => new RpcStream(ProduceAsync(waiting, ended))));
        using var peer = server.Connect();

        var token = await peer.OpenAsync("Read");
        await peer.PullAsync(token);
        await peer.BeginAsync("$/enumerator/next", $"[{token}]");
        await waiting.Task.InTime();
        if (leaves)
        {
            peer.Dispose();
        }
        else
        {
            await peer.NotifyAsync("$/enumerator/abort", $"[{token}]");
        }

        await ended.Task.InTime();
    }

    [Fact]
    public async Task Ends_well_when_the_server_stops()
    {
        var waiting = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var server = new RunningRpcServer(RpcMethod.Immediate("Read", _ => new RpcStream(ProduceAsync(waiting, ended))));
        using var peer = server.Connect();

        var token = await peer.OpenAsync("Read");
        await peer.PullAsync(token);
        await peer.BeginAsync("$/enumerator/next", $"[{token}]");
        await waiting.Task.InTime();
        await server.StopAsync();

        Assert.Equal("""{"values":[],"finished":true}""", (await peer.ReadAsync()).GetProperty("result").GetRawText());
        await ended.Task.InTime();
    }

    [Fact]
    public async Task Fails_as_its_producer_does_and_is_over_then()
    {
        var pieces = Channel.CreateUnbounded<string>();
        await using var server = new RunningRpcServer(Method(pieces));
        using var peer = server.Connect();
        pieces.Writer.Complete(new InvalidOperationException("no luck"));

        var token = await peer.OpenAsync("Read");

        Assert.Equal(-32000, await peer.FailAsync("$/enumerator/next", $"[{token}]"));
        Assert.Equal(-32001, await peer.FailAsync("$/enumerator/next", $"[{token}]"));
    }

    [Fact]
    public async Task Is_one_of_a_limited_number()
    {
        await using var server = new RunningRpcServer(new RpcLimits { Sequences = 2 }, Method(Channel.CreateUnbounded<string>()));
        using var peer = server.Connect();

        await peer.OpenAsync("Read");
        await peer.OpenAsync("Read");

        Assert.Equal(-32000, await peer.FailAsync("Read"));
    }

    private static RpcMethod Method(Channel<string> pieces, int batch = 1) =>
        RpcMethod.Immediate("Read", _ => new RpcStream(pieces.Reader.ReadAllAsync(), batch));

    private static void Write(Channel<string> pieces, params string[] texts) => Assert.All(texts, text => Assert.True(pieces.Writer.TryWrite(text)));

    private static (string Values, bool IsFinished) Texts((JsonElement[] Values, bool IsFinished) pulled) =>
        (string.Join(' ', pulled.Values.Select(static value => value.GetString()!)), pulled.IsFinished);

    private static async IAsyncEnumerable<object> ProduceAsync(TaskCompletionSource waiting, TaskCompletionSource ended, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return "first";
            waiting.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            ended.SetResult();
        }
    }
}
