using System.Collections.Concurrent;
using System.Text.Json;

namespace Aspire.Hosting.Cli.Rpc;

/// <summary>The sequences that one client has open, by the tokens it was given.</summary>
internal sealed class RpcSequences(RpcLimits limits, CancellationToken stopping) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, RpcSequence> _open = new();
    private long _lastToken;

    /// <summary>Opens a sequence.</summary>
    /// <returns>Its token.</returns>
    /// <exception cref="RpcException">The client has too many open.</exception>
    public long Open(RpcStream stream)
    {
        if (_open.Count >= limits.Sequences)
        {
            throw new RpcException(RpcErrorCode.Failed, $"This client has {limits.Sequences} sequences open, which is the most.");
        }

        var token = Interlocked.Increment(ref _lastToken);
        _open[token] = new RpcSequence(stream, stopping);
        return token;
    }

    /// <summary>Pulls from a sequence, and closes it when it has ended or failed.</summary>
    /// <exception cref="RpcException">There is none of that token.</exception>
    public async Task<(IReadOnlyList<object> Values, bool IsFinished)> NextAsync(JsonElement token, CancellationToken cancellationToken)
    {
        if (Find(token) is not { } number || !_open.TryGetValue(number, out var sequence))
        {
            throw new RpcException(RpcErrorCode.UnknownSequence, "There is no sequence of that token: it has ended, or never was.");
        }

        var isOpen = false;
        try
        {
            var next = await sequence.NextAsync(cancellationToken).ConfigureAwait(false);
            isOpen = !next.IsFinished;
            return next;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Only the wait has ended.
            isOpen = true;
            throw;
        }
        finally
        {
            if (!isOpen)
            {
                await CloseAsync(number).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Closes a sequence before its end; one that has ended needs nothing.</summary>
    public Task CloseAsync(JsonElement token) => Find(token) is { } number ? CloseAsync(number) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var token in _open.Keys)
        {
            await CloseAsync(token).ConfigureAwait(false);
        }
    }

    private async Task CloseAsync(long token)
    {
        if (_open.TryRemove(token, out var sequence))
        {
            await sequence.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static long? Find(JsonElement token) => token.ValueKind == JsonValueKind.Number && token.TryGetInt64(out var number) ? number : null;
}
