using System.Collections.Immutable;
using Aspire.Hosting.Supervisor.Processes;

namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>The state of one supervised process.</summary>
internal sealed record InstanceState
{
    public InstancePhase Phase { get; init; } = InstancePhase.Idle;

    /// <summary>When the current or the last run began, as the orchestrator reports it; identifies the run.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the current or the last run was first seen.</summary>
    public DateTimeOffset RunningSince { get; init; }

    /// <summary>Since when it runs without being healthy.</summary>
    public DateTimeOffset? UnhealthySince { get; init; }

    /// <summary>Since when it runs without an answer to its health checks.</summary>
    public DateTimeOffset? SilentSince { get; init; }

    /// <summary>Whether the current run has been healthy.</summary>
    public bool WasHealthy { get; init; }

    /// <summary>Why the supervisor killed the current run, until its end is seen.</summary>
    public string? KilledBecause { get; init; }

    /// <summary>Whether the current run is due to be replaced and waits for its turn.</summary>
    public bool IsDue { get; init; }

    /// <summary>Why the current run is being replaced, from when its turn comes until it has ended.</summary>
    public RestartReason? Replacement { get; init; }

    /// <summary>The number of requests after which the current run is replaced.</summary>
    public long? RequestLimit { get; init; }

    /// <summary>The age at which the current run is replaced.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>When starts failed, for those that still count.</summary>
    public ImmutableArray<DateTimeOffset> Failures { get; init; } = [];

    /// <summary>The number of the next try, from 1; only in phase Backoff.</summary>
    public int Attempt { get; init; }

    /// <summary>When the next try is due; only in phase Backoff.</summary>
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>Why it was last restarted, or why it was given up.</summary>
    public RestartReason? Reason { get; init; }

    /// <summary>The number of restarts, replacements included.</summary>
    public int Restarts { get; init; }

    /// <summary>When it was last restarted, or null.</summary>
    public DateTimeOffset? RestartedAt { get; init; }

    /// <summary>Whether it is meant to serve: started, and not stopped, finished or given up.</summary>
    public bool IsWanted => Phase is InstancePhase.Starting or InstancePhase.Restarting or InstancePhase.Running or InstancePhase.Backoff;

    /// <summary>Whether it runs and is healthy.</summary>
    public bool IsServing => Phase == InstancePhase.Running && UnhealthySince is null;

    /// <summary>Whether a reload includes it: all but those stopped on purpose, finished or never started.</summary>
    public bool IsReloaded => IsWanted || Phase == InstancePhase.Fatal;
}

/// <summary>The phase of a supervised process.</summary>
internal enum InstancePhase
{
    /// <summary>Not started yet.</summary>
    Idle,

    /// <summary>Started by a user or with the application; not seen running yet.</summary>
    Starting,

    /// <summary>Started by the supervisor; not seen running yet.</summary>
    Restarting,

    /// <summary>Running.</summary>
    Running,

    /// <summary>Being stopped by a command.</summary>
    Stopping,

    /// <summary>Failed to start; waits for the next try.</summary>
    Backoff,

    /// <summary>Failed to start too often: it stays down until it is started by hand.</summary>
    Fatal,

    /// <summary>Stopped by a command.</summary>
    Stopped,

    /// <summary>Exited by itself, and is not restarted.</summary>
    Finished,
}

/// <summary>Why a process is restarted.</summary>
/// <param name="Kind">
/// The word for it in counters: <c>exit</c>, <c>start</c>, <c>watchdog</c>, <c>memory</c>, <c>requests</c>, <c>lifetime</c> or
/// <c>reload</c>.
/// </param>
/// <param name="Text">A clause that follows "because" in messages.</param>
internal sealed record RestartReason(string Kind, string Text)
{
    private const string Memory = "memory";
    private const int FirstSignalCode = Signals.FirstExitCode;
    private const int LastSignalCode = FirstSignalCode + 64;

    /// <summary>Whether it cannot wait for a standby replica: the process goes on taking memory.</summary>
    public bool IsUrgent => Kind == Memory;

    /// <summary>It holds too much memory.</summary>
    public static RestartReason OfMemory(long mebibytes, long limit) =>
        new(Memory, $"it holds {mebibytes} MiB, more than the limit of {limit} MiB");

    /// <summary>It ended by itself.</summary>
    public static RestartReason OfExit(int? code) => new("exit", code switch
    {
        null => "it ended",
        FirstSignalCode + Signals.Kill => "it was killed (SIGKILL)",
        FirstSignalCode + 6 => "it aborted (SIGABRT)",
        FirstSignalCode + 11 => "it crashed (SIGSEGV)",
        FirstSignalCode + Signals.Terminate => "it was ended from outside (SIGTERM)",
        > FirstSignalCode and <= LastSignalCode => $"it was ended by signal {code - FirstSignalCode}",
        _ => $"it exited with code {code}",
    });

    /// <summary>It could not be started.</summary>
    public static RestartReason OfFailedStart(string why) => new("start", why.TrimEnd('.'));

    /// <summary>It did not answer.</summary>
    public static RestartReason OfWatchdog(string why) => new("watchdog", why);
}
