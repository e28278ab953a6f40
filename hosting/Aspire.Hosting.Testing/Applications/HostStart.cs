namespace Aspire.Hosting.Testing.Applications;

/// <summary>The start of an AppHost's host: allowed by the test, carried out on the AppHost's thread.</summary>
internal sealed class HostStart : IDisposable
{
    private readonly TaskCompletionSource _allowed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();
    private volatile bool _stopped;

    public HostStart() => Abandoned = _abandoned.Token;

    /// <summary>Gets a task that completes when the host has started, or with the reason why it has not.</summary>
    public Task Started => _started.Task;

    /// <summary>Gets what is cancelled when the test gives up.</summary>
    public CancellationToken Abandoned { get; }

    /// <summary>Gets whether the host has started and nobody has stopped it.</summary>
    public bool IsRunning => _started.Task.IsCompletedSuccessfully && !_stopped;

    /// <summary>Lets the host start.</summary>
    public void Allow() => _allowed.TrySetResult();

    /// <summary>Waits until the test lets the host start.</summary>
    /// <exception cref="OperationCanceledException">The test will not.</exception>
    public void WaitUntilAllowed() => _allowed.Task.GetAwaiter().GetResult();

    /// <summary>Keeps the host from starting, unless it has been allowed to.</summary>
    public void Refuse() => _allowed.TrySetCanceled();

    /// <summary>Says that the host has started.</summary>
    public void SetStarted() => _started.TrySetResult();

    /// <summary>Says that the host has been stopped.</summary>
    public void SetStopped() => _stopped = true;

    /// <summary>Says why the host will not start.</summary>
    public void SetFailed(Exception exception)
    {
        if (_started.TrySetException(exception))
        {
            // Seen here: the test may never ask.
            _ = _started.Task.Exception;
        }
    }

    /// <summary>Ends a start that waits or is under way.</summary>
    public void Abandon()
    {
        Refuse();
        _abandoned.Cancel();
    }

    /// <summary>Frees the cancellation source.</summary>
    public void Dispose() => _abandoned.Dispose();
}
