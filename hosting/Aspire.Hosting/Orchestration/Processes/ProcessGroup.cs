using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// A leader started in a group of its own, its group, and what left the group (as the jobs of an interactive shell do) but not the
/// AppHost's session. The kernel does not give the leader's id to anyone else while a member lives, so the id alone names the group once
/// the leader is gone; while a process has the id, its start ticks must be the leader's.
/// </summary>
/// <param name="LeaderId">The leader's process id, which is the id of the group.</param>
/// <param name="StartTicks">The leader's start ticks; 0 when it ended before they could be read.</param>
/// <param name="Mark">Tells who left the group; null finds the group alone.</param>
[SupportedOSPlatform("linux")]
internal sealed record ProcessGroup(int LeaderId, long StartTicks, ProcessMark? Mark = null)
{
    // A member may fork while the table is read; a few rounds reach the last of them.
    private const int MaximumRounds = 5;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);
    private static readonly int OwnSession = NativeMethods.GetSession(0);

    /// <summary>Running processes of the group and those that left it; empty when the id belongs to a stranger by now.</summary>
    public IReadOnlyList<ProcessStatus> Members() => IsRecycled ? [] : [.. Find()];

    /// <summary>Signals the leader alone; false when it is gone.</summary>
    public bool SignalLeader(ProcessSignal signal) =>
        ProcessTable.IsAlive(LeaderId, StartTicks) && NativeMethods.Kill(LeaderId, (int)signal) == 0;

    /// <summary>Signals the group and those that left it; false when nobody is left.</summary>
    public bool SignalAll(ProcessSignal signal)
    {
        // Minus one would be everyone.
        if (LeaderId <= 1 || IsRecycled)
        {
            return false;
        }

        var reached = NativeMethods.Kill(-LeaderId, (int)signal) == 0;
        foreach (var stray in Members().Where(member => member.GroupId != LeaderId))
        {
            reached |= NativeMethods.Kill(stray.Id, (int)signal) == 0;
        }

        return reached;
    }

    /// <summary>Ends every member with SIGKILL and waits for them, two seconds at most; true when there was any.</summary>
    public bool Clear()
    {
        var found = false;
        for (var round = 0; round < MaximumRounds; round++)
        {
            var members = Members();
            if (members.Count == 0)
            {
                return found;
            }

            found = true;
            SignalAll(ProcessSignal.Kill);
            WaitForEnd(members, TimeSpan.FromSeconds(2));
        }

        return found;
    }

    /// <summary>Waits until no member is left; false when <paramref name="patience"/> ran out first.</summary>
    public bool WaitUntilEmpty(TimeSpan patience)
    {
        var started = Stopwatch.GetTimestamp();
        while (Members() is { Count: > 0 } members)
        {
            if (!WaitForEnd(members, patience - Stopwatch.GetElapsedTime(started)))
            {
                return false;
            }
        }

        return true;
    }

    /// <remarks>Group and session are asked of the kernel: to read all of the process table would take longer than all else a restart needs.</remarks>
    private IEnumerable<ProcessStatus> Find()
    {
        foreach (var id in ProcessTable.Ids())
        {
            if ((NativeMethods.GetGroup(id) == LeaderId || HasLeft(id)) && ProcessTable.Read(id) is { IsAlive: true } status)
            {
                yield return status;
            }
        }
    }

    private bool HasLeft(int processId) =>
        Mark is { } mark && NativeMethods.GetSession(processId) == OwnSession && ProcessTable.HasVariable(processId, mark.ToString());

    private bool IsRecycled => ProcessTable.Read(LeaderId) is { } status && status.StartTicks != StartTicks;

    /// <summary>Waits until all of these are gone; false when <paramref name="patience"/> ran out first.</summary>
    internal static bool WaitForEnd(IReadOnlyList<ProcessStatus> members, TimeSpan patience)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var member in members)
        {
            var remaining = patience - Stopwatch.GetElapsedTime(started);
            if (remaining <= TimeSpan.Zero || !WaitForEnd(member, remaining))
            {
                return false;
            }
        }

        return true;
    }

    private static bool WaitForEnd(ProcessStatus member, TimeSpan patience)
    {
        var descriptor = NativeMethods.OpenProcess(member.Id);
        if (descriptor < 0)
        {
            return WaitByLooking(member, patience);
        }

        try
        {
            return WaitForDescriptor(descriptor, patience) || !ProcessTable.IsAlive(member.Id, member.StartTicks);
        }
        finally
        {
            NativeMethods.Close(descriptor);
        }
    }

    private static bool WaitForDescriptor(int descriptor, TimeSpan patience)
    {
        var started = Stopwatch.GetTimestamp();
        int ready;
        do
        {
            var remaining = Math.Max(0, Math.Ceiling((patience - Stopwatch.GetElapsedTime(started)).TotalMilliseconds));
            var entry = new NativeMethods.PollEntry { Descriptor = descriptor, Requested = NativeMethods.PollReadable };
            ready = NativeMethods.Poll(ref entry, 1, (int)remaining);
        }
        while (ready < 0 && Marshal.GetLastPInvokeError() == NativeMethods.Interrupted);

        // The runtime interrupts its own threads with signals; that is no end.
        return ready > 0;
    }

    // For kernels before 5.3, which have no process descriptors, and for a process that is gone already.
    private static bool WaitByLooking(ProcessStatus member, TimeSpan patience)
    {
        var started = Stopwatch.GetTimestamp();
        while (ProcessTable.IsAlive(member.Id, member.StartTicks))
        {
            if (Stopwatch.GetElapsedTime(started) > patience)
            {
                return false;
            }

            Thread.Sleep(LookInterval);
        }

        return true;
    }
}
