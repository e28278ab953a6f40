namespace Aspire.Hosting.Cli.Rpc;

/// <summary>A sequence that a client has open. It is produced as it is pulled; what is pulled ends when the server stops.</summary>
internal sealed class RpcSequence : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _ending;
    private readonly CancellationToken _stopping;
    private readonly IAsyncEnumerator<object> _items;
    private readonly int _batch;
    private Task<bool>? _next;
    private int _disposed;

    /// <param name="stream">What is pulled.</param>
    /// <param name="stopping">The server stops.</param>
    public RpcSequence(RpcStream stream, CancellationToken stopping)
    {
        _stopping = stopping;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _items = stream.Items.GetAsyncEnumerator(_ending.Token);
        _batch = stream.Batch;
    }

    /// <summary>Waits for at least one piece, and takes with it those that are there.</summary>
    /// <param name="cancellationToken">Stops waiting; nothing is lost.</param>
    /// <returns>The pieces, and whether they are the last; only the last answer may be without any.</returns>
    public async Task<(IReadOnlyList<object> Values, bool IsFinished)> NextAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var values = new List<object>();
            do
            {
                _next ??= _items.MoveNextAsync().AsTask();
                if (!await HasNextAsync(_next, cancellationToken).ConfigureAwait(false))
                {
                    return (values, true);
                }

                _next = null;
                values.Add(_items.Current);
            }
            while (values.Count < _batch && (_next = _items.MoveNextAsync().AsTask()).IsCompletedSuccessfully);

            return (values, false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _ending.CancelAsync().ConfigureAwait(false);
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        if (_next is { } next)
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _items.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
        _turn.Dispose();
    }

    private async Task<bool> HasNextAsync(Task<bool> next, CancellationToken cancellationToken)
    {
        try
        {
            return await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // An end like any other for the client, not an error.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return next is { IsCompletedSuccessfully: true, Result: true };
        }
    }
}
