using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>One life of an instance: from the start of its process to its end.</summary>
internal sealed class InstanceRun(ChildProcess process) : IAsyncDisposable
{
    private readonly CancellationTokenSource _health = new();
    private volatile bool _stopRequested;
    private volatile bool _over;
    private Task _monitoring = Task.CompletedTask;

    public ChildProcess Process { get; } = process;

    /// <summary>Whether the end was asked for: an exit that nobody asked for is reported.</summary>
    public bool StopRequested
    {
        get => _stopRequested;
        set => _stopRequested = value;
    }

    /// <summary>
    /// Whether the process is gone. It becomes true in the very change of the row that shows it, so that whoever sees the end
    /// may start the instance again, and nobody's start is shown before the end.
    /// </summary>
    public bool IsOver
    {
        get => _over;
        set => _over = value;
    }

    /// <summary>Completed when the process is gone and all who follow the row have taken it in.</summary>
    public Task Ended { get; set; } = Task.CompletedTask;

    /// <summary>Completed when, after <see cref="Ended"/>, the subscribers of the stopped event are done too. Never fails.</summary>
    public Task Told { get; set; } = Task.CompletedTask;

    public void StartHealth(Func<CancellationToken, Task> monitor) => _monitoring = MonitorAsync(monitor);

    /// <summary>Returns when no health report can come any more.</summary>
    public async Task StopHealthAsync()
    {
        await _health.CancelAsync().ConfigureAwait(false);
        await _monitoring.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopHealthAsync().ConfigureAwait(false);
        _health.Dispose();
    }

    private async Task MonitorAsync(Func<CancellationToken, Task> monitor)
    {
        try
        {
            await monitor(_health.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_health.IsCancellationRequested)
        {
            // The process ends, and with it the interest in its health.
        }
    }
}
