using Google.Protobuf;

namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

/// <summary>Holds what waits to be sent: the newest items, as many as there is room for. Whoever adds one never waits.</summary>
/// <param name="signal">The kind of telemetry.</param>
/// <param name="toMessage">Puts items into one message.</param>
internal sealed class OtlpQueue<T>(OtlpSignal signal, Func<Source, IReadOnlyList<T>, IMessage> toMessage)
{
    public const int Room = 4096;
    private const int BatchSize = 512;

    private readonly Queue<T> _items = new();
    private readonly Lock _lock = new();
    private List<T> _batch = [];
    private long _dropped;

    /// <summary>How many items found no room since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Add(T item)
    {
        lock (_lock)
        {
            if (_items.Count == Room)
            {
                _items.Dequeue();
                Interlocked.Increment(ref _dropped);
            }

            _items.Enqueue(item);
        }
    }

    /// <summary>Sends until nothing is left, or until the receiver does not take it; then the batch is kept for the next time.</summary>
    public async Task<OtlpDelivery> SendAsync(OtlpClient client, OtlpTarget target, CancellationToken cancellationToken)
    {
        var last = new OtlpDelivery(OtlpOutcome.Accepted);
        while (TakeBatch())
        {
            last = await client.SendAsync(target, signal, toMessage(target.Source, _batch), cancellationToken).ConfigureAwait(false);
            if (last.Outcome == OtlpOutcome.TryAgain)
            {
                return last;
            }

            _batch = [];
            if (last.Outcome == OtlpOutcome.Rejected)
            {
                return last;
            }
        }

        return last;
    }

    private bool TakeBatch()
    {
        lock (_lock)
        {
            while (_batch.Count < BatchSize && _items.TryDequeue(out var item))
            {
                _batch.Add(item);
            }

            return _batch.Count > 0;
        }
    }
}
