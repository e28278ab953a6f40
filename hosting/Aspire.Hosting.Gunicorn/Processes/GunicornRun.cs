using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Gunicorn.Processes;

/// <summary>One run of gunicorn, from the start of its master to the end of its last worker.</summary>
/// <param name="master">The id of the master's process.</param>
/// <param name="mark">What the environment of the master, and of all that it starts, has.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class GunicornRun(int master, string mark)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public int Master => master;

    /// <summary>Whether a worker has loaded the application.</summary>
    public bool HasServed { get; set; }

    /// <summary>Whether its end has been noticed.</summary>
    public bool IsOver { get; set; }

    /// <summary>Whether the master runs.</summary>
    public bool IsAlive => OperatingSystem.IsLinux() ? ProcessList.Has(master, mark) : Native.Send(0, master);

    /// <summary>Its workers; empty where the system does not show them.</summary>
    public IReadOnlyList<WorkerProcess> Workers => OperatingSystem.IsLinux() ? ProcessList.ChildrenOf(master) : [];

    /// <summary>The id of the master in a snapshot of a process that runs, or null.</summary>
    public static int? MasterOf(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.Running
        && snapshot.Properties.FirstOrDefault(static property => property.Name == "executable.pid")?.Value is { } value
        && Convert.ToInt32(value, CultureInfo.InvariantCulture) is > 0 and var process
            ? process
            : null;

    /// <summary>Sends the master a signal.</summary>
    /// <returns>Whether it runs.</returns>
    public bool Send(int signal) => IsAlive && Native.Send(signal, master);

    /// <summary>Waits for the end of the master.</summary>
    /// <returns>Whether it has ended within a time.</returns>
    public async Task<bool> WaitForEndAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (IsAlive)
        {
            if (time.GetElapsedTime(start) > limit)
            {
                return false;
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Ends what a master has left: the requests in flight are answered, and what is left after a time is killed.</summary>
    /// <returns>How many processes there were.</returns>
    [SupportedOSPlatform("linux")]
    public async Task<int> EndLeftoversAsync(TimeSpan limit, TimeProvider time)
    {
        var left = ProcessList.With(mark);
        SendAll(left, Native.Terminate);
        var start = time.GetTimestamp();
        while (ProcessList.With(mark) is { Count: > 0 } rest)
        {
            if (time.GetElapsedTime(start) > limit)
            {
                SendAll(rest, Native.Kill);
            }

            await Task.Delay(Pause * 10, time).ConfigureAwait(false);
        }

        return left.Count;
    }

    private static void SendAll(IReadOnlyList<int> processes, int signal)
    {
        foreach (var process in processes)
        {
            Native.Send(signal, process);
        }
    }
}
