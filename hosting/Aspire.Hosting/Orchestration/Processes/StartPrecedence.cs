using System.Runtime.Versioning;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Lets a process that starts have the processors before those that serve: one of batch work takes them from others like any other
/// process meanwhile, and its threads have more of them where the system permits it (root, CAP_SYS_NICE; see setpriority(2)). On a
/// machine at full load a replica that died is then replaced as fast as on one at rest.
/// </summary>
/// <remarks>It ends when the process is ready, or after <see cref="Longest"/>: it is for a start, not for work.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class StartPrecedence
{
    /// <summary>How long it may last.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    // PRIO_PROCESS and PRIO_PGRP.
    private const int OfProcess = 0;
    private const int OfGroup = 1;
    private const int Self = 0;

    // Thirty times the share of those at 0.
    private const int Advantage = 15;

    // A thread that is not batch work yet may begin another while the table is read; a few rounds reach the last of them.
    private const int MaximumRounds = 5;

    private readonly int _groupId;
    private readonly int _usual = NativeMethods.GetPriority(OfProcess, Self);
    private readonly bool _wasBatch;
    private readonly ITimer _end;
    private int _ended;

    /// <summary>Begins it.</summary>
    /// <param name="groupId">The group of the process that starts.</param>
    /// <param name="timeProvider">Tells when it is over.</param>
    public StartPrecedence(int groupId, TimeProvider timeProvider)
    {
        _groupId = groupId;

        // Where it may not be given back, it is not taken; and the system refuses both together.
        IsPermitted = NativeMethods.SetPriority(OfGroup, groupId, _usual - Advantage) == 0;
        _wasBatch = NativeMethods.GetScheduler(groupId) == (int)SchedulingPolicy.Batch;
        if (_wasBatch)
        {
            ChangePolicy(SchedulingPolicy.Batch, SchedulingPolicy.Other);
        }

        _end = timeProvider.CreateTimer(_ => End(), null, Longest, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the system lets this process give another more of the processors.</summary>
    public bool IsPermitted { get; }

    /// <summary>Ends it, the first time; to be called while the process lives, since its id may be another's later.</summary>
    public void End()
    {
        // Once: what somebody gives the process later is theirs to decide.
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return;
        }

        // It may have ended by now: there is nobody left to change.
        if (IsPermitted)
        {
            _ = NativeMethods.SetPriority(OfGroup, _groupId, _usual);
        }

        if (_wasBatch)
        {
            ChangePolicy(SchedulingPolicy.Other, SchedulingPolicy.Batch);
        }
    }

    /// <summary>Leaves the process alone from now on: it is gone, and its id may be another's.</summary>
    public void Forget() => _end.Dispose();

    /// <summary>Gives every thread of the group that has the one policy the other.</summary>
    private void ChangePolicy(SchedulingPolicy from, SchedulingPolicy to)
    {
        var changed = true;
        for (var round = 0; changed && round < MaximumRounds; round++)
        {
            changed = false;
            foreach (var thread in ProcessTable.Ids().Where(id => NativeMethods.GetGroup(id) == _groupId).SelectMany(ProcessTable.Threads))
            {
                changed |= NativeMethods.GetScheduler(thread) == (int)from && NativeMethods.SetScheduler(thread, (int)to, 0) == 0;
            }
        }
    }
}
