namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>What happens to a supervised process, and when it was seen.</summary>
internal abstract record InstanceEvent(DateTimeOffset At)
{
    /// <summary>A start is under way.</summary>
    public sealed record Starting(DateTimeOffset At) : InstanceEvent(At);

    /// <summary>It runs, and this is its health now.</summary>
    /// <param name="At">When this was seen.</param>
    /// <param name="StartedAt">When it was started, which tells one run from the next.</param>
    /// <param name="IsHealthy">Whether its health checks are good; <see langword="true"/> where it has none.</param>
    /// <param name="IsAlive">Whether it answers at all, if only that it is not healthy.</param>
    public sealed record Running(DateTimeOffset At, DateTimeOffset StartedAt, bool IsHealthy, bool IsAlive) : InstanceEvent(At);

    /// <summary>Somebody stops it.</summary>
    public sealed record Stopping(DateTimeOffset At) : InstanceEvent(At);

    /// <summary>It is gone.</summary>
    /// <param name="At">When this was seen.</param>
    /// <param name="Cause">Why.</param>
    /// <param name="ExitCode">Its exit code, where the host knows it.</param>
    /// <param name="Ran">How long it ran; zero when it never did.</param>
    public sealed record Ended(DateTimeOffset At, EndCause Cause, int? ExitCode, TimeSpan Ran) : InstanceEvent(At);

    /// <summary>The host refused the supervisor's own start.</summary>
    public sealed record StartRefused(DateTimeOffset At, string Reason) : InstanceEvent(At);

    /// <summary>The wait between two tries is over.</summary>
    public sealed record RetryDue(DateTimeOffset At) : InstanceEvent(At);

    /// <summary>A look at a process that runs; what could not be measured is not there.</summary>
    /// <param name="At">When it was looked at.</param>
    /// <param name="ResidentBytes">The memory its group holds.</param>
    /// <param name="Requests">The requests it has served.</param>
    /// <param name="IsDebugged">Whether a debugger is attached to it.</param>
    public sealed record Looked(DateTimeOffset At, long? ResidentBytes, long? Requests, bool IsDebugged = false) : InstanceEvent(At);

    /// <summary>The supervisor is about to replace it.</summary>
    public sealed record Replacing(DateTimeOffset At, RestartReason Reason) : InstanceEvent(At);

    /// <summary>The process is due, and the others cannot do without it yet.</summary>
    public sealed record Postponed(DateTimeOffset At) : InstanceEvent(At);

    /// <summary>The host refused a replacement.</summary>
    /// <param name="At">When it did.</param>
    /// <param name="Why">Its reason.</param>
    /// <param name="WasStopped">Whether somebody stopped the process just before.</param>
    public sealed record ReplacementFailed(DateTimeOffset At, string Why, bool WasStopped = false) : InstanceEvent(At);
}

/// <summary>Why a process is not there any more.</summary>
internal enum EndCause
{
    /// <summary>The host does not say.</summary>
    Unknown,

    /// <summary>By itself, or by a signal from outside.</summary>
    Exit,

    /// <summary>Somebody asked for its stop or its restart.</summary>
    Stop,

    /// <summary>There never was one: it could not be started.</summary>
    FailedToStart,
}

/// <summary>What is to be done about it.</summary>
internal abstract record InstanceAction
{
    /// <summary>Start the process at once.</summary>
    public sealed record Start(RestartReason Reason) : InstanceAction;

    /// <summary>Try again at a later time.</summary>
    public sealed record Retry(TimeSpan Delay) : InstanceAction;

    /// <summary>Say that it is given up.</summary>
    public sealed record GiveUp : InstanceAction;

    /// <summary>Kill it: it does not answer.</summary>
    public sealed record Kill(string Why) : InstanceAction;

    /// <summary>Replace it gracefully when the others can do without it.</summary>
    public sealed record Replace(RestartReason Reason) : InstanceAction;

    /// <summary>Show that there is no next try any more.</summary>
    public sealed record ShowStopped : InstanceAction;

    /// <summary>Show that it runs again.</summary>
    public sealed record ShowRunning : InstanceAction;
}

/// <summary>What an event leads to.</summary>
/// <param name="State">The state after it.</param>
/// <param name="Action">What is to be done, if anything.</param>
internal sealed record Transition(InstanceState State, InstanceAction? Action = null);
