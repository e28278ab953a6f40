using System.Runtime.Versioning;
using Aspire.Hosting.Supervisor.Processes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>
/// Stops the application when the orchestrator's process has ended. Everything that it ran ends with it, and nothing can be started any
/// more; Aspire itself does not notice.
/// </summary>
/// <param name="lifetime">The application.</param>
/// <param name="logger">The supervisor's log.</param>
internal sealed class OrchestratorWatch(IHostApplicationLifetime lifetime, ILogger logger)
{
    /// <summary>The time that the application has to stop.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private int _isWatching;

    /// <summary>Whether the orchestrator has ended; the processes that it ran then end by themselves.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Watches the parent of a process, the orchestrator; does nothing if it is watched already.</summary>
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
            // The process has already ended: the next one has the same parent.
            Volatile.Write(ref _isWatching, 0);
            return;
        }

        await ProcessExit.WaitAsync(parent).ConfigureAwait(false);
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            Log.OrchestratorGone(logger, parent);
            IsGone = true;
            lifetime.StopApplication();
            // Aspire would wait half a minute for the orchestrator's answer.
            await AppHostExit.AfterAsync(StopLimit, code: 1).ConfigureAwait(false);
        }
    }
}
