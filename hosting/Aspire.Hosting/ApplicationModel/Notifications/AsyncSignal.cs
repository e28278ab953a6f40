using System.Threading.Channels;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Wakes one reader. Signals given while the reader is busy count as one, so a producer never waits and never allocates.</summary>
internal sealed class AsyncSignal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private int _set;

    public void Set()
    {
        if (Volatile.Read(ref _set) == 0 && Interlocked.Exchange(ref _set, 1) == 0)
        {
            _channel.Writer.TryWrite(true);
        }
    }

    /// <summary>Waits for the next signal. What happened before the signal is visible to the caller afterwards.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        await _channel.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _set, 0);
    }
}
