using System.Runtime.Versioning;
using Aspire.Hosting.Supervisor.Processes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>
/// Ends the application when the orchestrator's process that started everything is gone: all that it ran ends with it, and nothing could be started
/// any more. Aspire itself does not notice.
/// </summary>
/// <param name="lifetime">The application.</param>
/// <param name="logger">The supervisor's log.</param>
internal sealed class OrchestratorWatch(IHostApplicationLifetime lifetime, ILogger logger)
{
    /// <summary>What the application may take to stop then.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private int _isWatching;

    /// <summary>Whether it is gone; what it ran ends by itself then.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Watches the process that started this one, once.</summary>
    public void Watch(int processId)
    {
        if (OperatingSystem.IsLinux() && Interlocked.Exchange(ref _isWatching, 1) == 0)
        {
            _ = WatchParentAsync(processId);
        }
    }

    [SupportedOSPlatform("linux")]
    private async Task WatchParentAsync(int processId)
    {
        if (ProcessTable.Read().ParentOf(processId) is not { } parent || parent <= 1)
        {
            // The process was over before it was looked at: the next one shows the same parent.
            Volatile.Write(ref _isWatching, 0);
            return;
        }

        await ProcessExit.WaitAsync(parent).ConfigureAwait(false);
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            Log.OrchestratorGone(logger, parent);
            IsGone = true;
            lifetime.StopApplication();
            // Aspire would wait half a minute for an answer of the orchestrator.
            await AppHostExit.AfterAsync(StopLimit, code: 1).ConfigureAwait(false);
        }
    }
}
