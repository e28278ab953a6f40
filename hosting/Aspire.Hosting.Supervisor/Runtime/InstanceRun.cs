using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Processes;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>One run of an instance: its process, until its end has been taken in.</summary>
/// <param name="process">The process.</param>
/// <param name="ended">Done when its end has been taken in.</param>
internal sealed class InstanceRun(SupervisedProcess process, Task ended)
{
    public SupervisedProcess Process => process;

    public Task Ended => ended;

    /// <summary>
    /// Asks the process to end, and ends it by force when its time is over. Its end is taken in when this returns, and so before whatever is
    /// started next.
    /// </summary>
    /// <param name="options">The signal, and the time to end.</param>
    /// <param name="time">The clock.</param>
    /// <param name="timeIsOver">Called before it is ended by force.</param>
    /// <param name="cancellationToken">Ends the wait; the process is then left to the host.</param>
    /// <returns>Whether it has ended.</returns>
    public async Task<bool> EndAsync(SupervisorOptions options, TimeProvider time, Action timeIsOver, CancellationToken cancellationToken)
    {
        if (process.Signal(Signals.NumberOf(options.StopSignal)))
        {
            await ExitAsync(TimeSpan.FromSeconds(options.StopWaitSeconds), time, timeIsOver, cancellationToken).ConfigureAwait(false);
        }

        if (!process.Exit.IsCompleted)
        {
            return false;
        }

        await ended.ConfigureAwait(false);
        return true;
    }

    /// <summary>Ends the process by force, with what it has started.</summary>
    public void Kill()
    {
        process.Kill();
        if (OperatingSystem.IsLinux() && process.Mark is { } mark)
        {
            Leftovers.Kill(mark);
        }
    }

    private async Task ExitAsync(TimeSpan limit, TimeProvider time, Action timeIsOver, CancellationToken cancellationToken)
    {
        try
        {
            await process.Exit.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            timeIsOver();
            process.Kill();
            await process.Exit.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
