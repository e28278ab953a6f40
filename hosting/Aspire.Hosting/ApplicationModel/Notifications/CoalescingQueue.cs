using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Carries items from any number of producers to one reader and holds at most one item a key: an item offered while
/// another of its key waits to be read is merged with it and keeps its place. Producers never wait.
/// </summary>
internal sealed class CoalescingQueue<TKey, TItem>(IEqualityComparer<TKey> comparer, Func<TItem, TItem, TItem> merge)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Queue<TKey> _order = new();
    private readonly Dictionary<TKey, TItem> _items = new(comparer);
    private readonly AsyncSignal _signal = new();
    private bool _completed;

    public void Offer(TKey key, TItem item)
    {
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            if (_items.TryGetValue(key, out var waiting))
            {
                _items[key] = merge(waiting, item);
                return;
            }

            _items.Add(key, item);
            _order.Enqueue(key);
        }

        _signal.Set();
    }

    /// <summary>Takes no more items; the reader still gets those that wait.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
        }

        _signal.Set();
    }

    /// <summary>Waits until there is an item (true) or until there will be none (false).</summary>
    public async ValueTask<bool> WaitToTakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_gate)
            {
                if (_order.Count > 0 || _completed)
                {
                    return _order.Count > 0;
                }
            }

            await _signal.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public bool TryTake([MaybeNullWhen(false)] out TItem item)
    {
        lock (_gate)
        {
            if (_order.TryDequeue(out var key))
            {
                return _items.Remove(key, out item);
            }
        }

        item = default;
        return false;
    }
}
