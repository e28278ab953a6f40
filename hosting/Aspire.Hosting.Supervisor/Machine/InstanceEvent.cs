namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>An event of a supervised process, and when it was seen.</summary>
internal abstract record InstanceEvent(DateTimeOffset At)
{
    /// <summary>A start is under way.</summary>
    public sealed record Starting(DateTimeOffset At) : InstanceEvent(At);

    /// <summary>The process runs, with this health.</summary>
    /// <param name="At">When this was seen.</param>
    /// <param name="StartedAt">When it was started, which identifies the run.</param>
    /// <param name="IsHealthy">Whether its health checks are good; <see langword="true"/> where it has none.</param>
    /// <param name="IsAlive">Whether it answers its health checks at all, healthy or not.</param>
    public sealed record Running(DateTimeOffset At, DateTimeOffset StartedAt, bool IsHealthy, bool IsAlive) : InstanceEvent(At);

    /// <summary>A stop was asked for.</summary>
    public sealed record Stopping(DateTimeOffset At) : InstanceEvent(At);

    /// <summary>The process has ended.</summary>
    /// <param name="At">When this was seen.</param>
    /// <param name="Cause">Why.</param>
    /// <param name="ExitCode">Its exit code, where the host knows it.</param>
    /// <param name="Ran">How long it ran; zero when it never did.</param>
    public sealed record Ended(DateTimeOffset At, EndCause Cause, int? ExitCode, TimeSpan Ran) : InstanceEvent(At);

    /// <summary>The host refused the supervisor's own start.</summary>
    public sealed record StartRefused(DateTimeOffset At, string Reason) : InstanceEvent(At);

    /// <summary>The wait between two tries is over.</summary>
    public sealed record RetryDue(DateTimeOffset At) : InstanceEvent(At);

    /// <summary>The result of a periodic check of a running process; values that could not be measured are null.</summary>
    /// <param name="At">When it was checked.</param>
    /// <param name="ResidentBytes">The resident memory of the process and its children.</param>
    /// <param name="Requests">The requests it has served.</param>
    /// <param name="IsDebugged">Whether a debugger is attached to it.</param>
    public sealed record Checked(DateTimeOffset At, long? ResidentBytes, long? Requests, bool IsDebugged = false) : InstanceEvent(At);

    /// <summary>The supervisor is about to replace it.</summary>
    public sealed record Replacing(DateTimeOffset At, RestartReason Reason) : InstanceEvent(At);

    /// <summary>The process is due to be replaced, but too few others serve.</summary>
    public sealed record Postponed(DateTimeOffset At) : InstanceEvent(At);

    /// <summary>The host refused a replacement.</summary>
    /// <param name="At">When it was refused.</param>
    /// <param name="Why">The host's reason.</param>
    /// <param name="WasStopped">Whether the process was stopped by a command just before.</param>
    public sealed record ReplacementFailed(DateTimeOffset At, string Why, bool WasStopped = false) : InstanceEvent(At);
}

/// <summary>Why a process has ended.</summary>
internal enum EndCause
{
    /// <summary>The host does not say.</summary>
    Unknown,

    /// <summary>It exited by itself, or by a signal from outside.</summary>
    Exit,

    /// <summary>A stop or a restart was asked for.</summary>
    Stop,

    /// <summary>It could not be started.</summary>
    FailedToStart,
}

/// <summary>What the supervisor is to do.</summary>
internal abstract record InstanceAction
{
    /// <summary>Start the process at once.</summary>
    public sealed record Start(RestartReason Reason) : InstanceAction;

    /// <summary>Try again at a later time.</summary>
    public sealed record Retry(TimeSpan Delay) : InstanceAction;

    /// <summary>Report that the process is given up.</summary>
    public sealed record GiveUp : InstanceAction;

    /// <summary>Kill the process, which does not answer.</summary>
    public sealed record Kill(string Why) : InstanceAction;

    /// <summary>Replace the process gracefully as soon as enough others serve.</summary>
    public sealed record Replace(RestartReason Reason) : InstanceAction;

    /// <summary>Show that no further try is planned.</summary>
    public sealed record ShowStopped : InstanceAction;

    /// <summary>Show that the process runs.</summary>
    public sealed record ShowRunning : InstanceAction;
}

/// <summary>The result of an event.</summary>
/// <param name="State">The state after it.</param>
/// <param name="Action">What the supervisor is to do, or null.</param>
internal sealed record Transition(InstanceState State, InstanceAction? Action = null);
