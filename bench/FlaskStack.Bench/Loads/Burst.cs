using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace FlaskStack.Bench.Loads;

/// <summary>Many requests that are open at the same time, each on a connection of its own, each sent once.</summary>
internal sealed class Burst
{
    private const int ConnectingAtOnce = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource _allSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _port;
    private readonly byte[] _bytes;
    private readonly LoadRequest _request;
    private readonly long _begin = Stopwatch.GetTimestamp();
    private int _unsent;
    private int _open;

    private Burst(int port, LoadRequest request, int count)
    {
        _port = port;
        _request = request;
        _bytes = RawClient.Bytes(port, request, lastOfConnection: true);
        _unsent = count;
        _open = count;
    }

    /// <summary>
    /// Opens the requests and waits for all answers. Their time counts from the beginning of it all: who has to wait with connecting
    /// until others have connected is waiting too.
    /// </summary>
    /// <param name="port">Where.</param>
    /// <param name="request">What; its answer is compared.</param>
    /// <param name="count">How many.</param>
    /// <param name="whenAllSent">What to do once the last of them is sent; it is told how many have no answer yet.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<BurstResult> RunAsync(
        int port, LoadRequest request, int count, Action<int>? whenAllSent, CancellationToken cancellationToken)
    {
        var burst = new Burst(port, request, count);
        using var gate = new SemaphoreSlim(ConnectingAtOnce);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        var all = Task.WhenAll(Enumerable.Range(0, count)
            .Select(_ => Task.Run(() => burst.AskAsync(gate, deadline.Token), CancellationToken.None)));
        await burst._allSent.Task;
        whenAllSent?.Invoke(Volatile.Read(ref burst._open));
        var answers = await all;
        cancellationToken.ThrowIfCancellationRequested();
        return BurstResult.Of(answers, Stopwatch.GetElapsedTime(burst._begin));
    }

    /// <summary>How long the answer took, or null when it was none or a wrong one.</summary>
    private async Task<TimeSpan?> AskAsync(SemaphoreSlim gate, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await SendAsync(socket, gate, cancellationToken);
            var answer = await RawClient.ReadAsync(socket, cancellationToken);
            return AnswerCheck.Problem(_request, answer) is null ? Stopwatch.GetElapsedTime(_begin) : null;
        }
        catch (Exception exception) when (exception is SocketException or FormatException or OperationCanceledException)
        {
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task SendAsync(Socket socket, SemaphoreSlim gate, CancellationToken cancellationToken)
    {
        try
        {
            await gate.WaitAsync(cancellationToken);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, _port, cancellationToken);
                await socket.SendAsync(_bytes, cancellationToken);
            }
            finally
            {
                gate.Release();
            }
        }
        finally
        {
            CountSent();
        }
    }

    private void CountSent()
    {
        if (Interlocked.Decrement(ref _unsent) == 0)
        {
            _allSent.SetResult();
        }
    }
}
