using Microsoft.AspNetCore.Connections;

namespace FlaskStack.ServiceDefaults.Draining;

/// <summary>Counts the connections that clients have open, and tells when the last one is gone.</summary>
internal sealed class OpenConnections
{
    private readonly Lock _lock = new();
    private int _count;
    private TaskCompletionSource? _none;

    /// <summary>How many are open now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Counts one from when it is accepted until it is over.</summary>
    public async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        lock (_lock)
        {
            _count++;
        }

        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (--_count == 0)
                {
                    _none?.TrySetResult();
                    _none = null;
                }
            }
        }
    }

    /// <summary>A task that is completed as soon as none is open.</summary>
    public Task NoneAsync()
    {
        lock (_lock)
        {
            return _count == 0 ? Task.CompletedTask : (_none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
