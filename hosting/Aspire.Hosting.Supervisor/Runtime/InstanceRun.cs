using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Processes;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>One run of an instance, from the start of its process until the supervisor has handled its end.</summary>
/// <param name="process">The process.</param>
/// <param name="ended">Completes when the supervisor has handled its end.</param>
internal sealed class InstanceRun(SupervisedProcess process, Task ended)
{
    public SupervisedProcess Process => process;

    public Task Ended => ended;

    /// <summary>
    /// Asks the process to end, and kills it after the time limit. When this returns, the supervisor has handled its end: the next start
    /// cannot come before it.
    /// </summary>
    /// <param name="options">The signal, and the time to end.</param>
    /// <param name="time">The clock.</param>
    /// <param name="timedOut">Called before it is killed.</param>
    /// <param name="cancellationToken">Ends the wait; the process is then left to the host.</param>
    /// <returns>Whether it has ended.</returns>
    public async Task<bool> EndAsync(SupervisorOptions options, TimeProvider time, Action timedOut, CancellationToken cancellationToken)
    {
        if (process.Signal(Signals.NumberOf(options.StopSignal)))
        {
            await ExitAsync(TimeSpan.FromSeconds(options.StopWaitSeconds), time, timedOut, cancellationToken).ConfigureAwait(false);
        }

        if (!process.Exit.IsCompleted)
        {
            return false;
        }

        await ended.ConfigureAwait(false);
        return true;
    }

    /// <summary>Kills the process and its descendants.</summary>
    public void Kill()
    {
        process.Kill();
        if (OperatingSystem.IsLinux() && process.Mark is { } mark)
        {
            Leftovers.Kill(mark);
        }
    }

    private async Task ExitAsync(TimeSpan limit, TimeProvider time, Action timedOut, CancellationToken cancellationToken)
    {
        try
        {
            await process.Exit.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            timedOut();
            process.Kill();
            await process.Exit.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
