using System.Collections.Immutable;
using Aspire.Hosting.Supervisor.Processes;

namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>All that the supervisor knows of one process.</summary>
internal sealed record InstanceState
{
    public InstancePhase Phase { get; init; } = InstancePhase.Idle;

    /// <summary>When the present run began, or the last one, as the orchestrator tells it: it names the run.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the present run was first seen, or the last one.</summary>
    public DateTimeOffset RunningSince { get; init; }

    /// <summary>Since when it runs without being healthy.</summary>
    public DateTimeOffset? UnhealthySince { get; init; }

    /// <summary>Since when it runs without an answer to its health checks.</summary>
    public DateTimeOffset? SilentSince { get; init; }

    /// <summary>Whether the present run has been healthy yet.</summary>
    public bool WasHealthy { get; init; }

    /// <summary>Why the supervisor killed the present run, until its end is seen.</summary>
    public string? KilledBecause { get; init; }

    /// <summary>Whether the present run is due to be replaced, and waits for its turn.</summary>
    public bool IsDue { get; init; }

    /// <summary>Why the present run is being replaced, from when its turn comes until it has ended.</summary>
    public RestartReason? Replacement { get; init; }

    /// <summary>The requests the present run may serve.</summary>
    public long? RequestLimit { get; init; }

    /// <summary>The time the present run may take.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>When starts failed, as far as they count.</summary>
    public ImmutableArray<DateTimeOffset> Failures { get; init; } = [];

    /// <summary>Which try is next, counted from 1; in phase Backoff alone.</summary>
    public int Attempt { get; init; }

    /// <summary>When the next try is due; in phase Backoff alone.</summary>
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>Why it was last restarted, or is not any more.</summary>
    public RestartReason? Reason { get; init; }

    /// <summary>How often it was restarted, replacements included.</summary>
    public int Restarts { get; init; }

    /// <summary>When it was last restarted, or null.</summary>
    public DateTimeOffset? RestartedAt { get; init; }

    /// <summary>Whether it is meant to serve: neither ended for good nor not started at all.</summary>
    public bool IsWanted => Phase is InstancePhase.Starting or InstancePhase.Restarting or InstancePhase.Running or InstancePhase.Backoff;

    /// <summary>Whether it serves.</summary>
    public bool IsServing => Phase == InstancePhase.Running && UnhealthySince is null;

    /// <summary>Whether somebody who reloads means it as well: whatever is not ended on purpose.</summary>
    public bool IsReloaded => IsWanted || Phase == InstancePhase.Fatal;
}

/// <summary>Where the life of a supervised process stands.</summary>
internal enum InstancePhase
{
    /// <summary>Nobody has started it.</summary>
    Idle,

    /// <summary>Somebody starts it.</summary>
    Starting,

    /// <summary>The supervisor starts it.</summary>
    Restarting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>Somebody stops it.</summary>
    Stopping,

    /// <summary>It did not start; the next try has its time.</summary>
    Backoff,

    /// <summary>It did not start however often it was tried: only somebody's start revives it.</summary>
    Fatal,

    /// <summary>Somebody stopped it.</summary>
    Stopped,

    /// <summary>It ended by itself and is not to be started again.</summary>
    Finished,
}

/// <summary>Why a process is restarted.</summary>
/// <param name="Kind">A word for counters: <c>exit</c>, <c>start</c>, <c>watchdog</c>, <c>memory</c>, <c>requests</c> or <c>lifetime</c>.</param>
/// <param name="Text">A clause for people, to follow "because".</param>
internal sealed record RestartReason(string Kind, string Text)
{
    private const string Memory = "memory";
    private const int FirstSignalCode = Signals.FirstExitCode;
    private const int LastSignalCode = FirstSignalCode + 64;

    /// <summary>Whether each second counts: it goes on taking memory.</summary>
    public bool IsUrgent => Kind == Memory;

    /// <summary>It holds too much memory.</summary>
    public static RestartReason OfMemory(long mebibytes, long limit) => new(Memory, $"it holds {mebibytes} MiB, more than the limit of {limit} MiB");

    /// <summary>It ended by itself.</summary>
    public static RestartReason OfExit(int? code) => new("exit", code switch
    {
        null => "it ended",
        FirstSignalCode + 9 => "it was killed (SIGKILL)",
        FirstSignalCode + 6 => "it aborted (SIGABRT)",
        FirstSignalCode + 11 => "it crashed (SIGSEGV)",
        FirstSignalCode + 15 => "it was ended from outside (SIGTERM)",
        > FirstSignalCode and <= LastSignalCode => $"it was ended by signal {code - FirstSignalCode}",
        _ => $"it exited with code {code}",
    });

    /// <summary>It could not be started.</summary>
    public static RestartReason OfFailedStart(string why) => new("start", why.TrimEnd('.'));

    /// <summary>It did not answer.</summary>
    public static RestartReason OfWatchdog(string why) => new("watchdog", why);
}
