using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>The state machine of one process: a pure function from its state and an event to its next state and an action.</summary>
/// <param name="options">The policy.</param>
/// <param name="chance">Yields numbers from 0 up to 1, for jitter.</param>
/// <param name="hasHealthCheck">Whether the process has a health check.</param>
internal sealed class InstanceMachine(SupervisorOptions options, Func<double> chance, bool hasHealthCheck)
{
    /// <summary>A run of this many times <see cref="SupervisorOptions.StartSeconds"/> cancels one failed start.</summary>
    private const int SettledStarts = 10;

    private TimeSpan Settled => TimeSpan.FromSeconds(options.StartSeconds) * SettledStarts;

    public Transition Apply(InstanceState state, InstanceEvent change)
    {
        var transition = Decide(state, change);
        return transition.State.Restarts == state.Restarts
            ? transition
            : transition with { State = transition.State with { RestartedAt = change.At } };
    }

    private Transition Decide(InstanceState state, InstanceEvent change) => change switch
    {
        InstanceEvent.Starting => new(OnStarting(state)),
        InstanceEvent.Running running => OnRunning(state, running),
        InstanceEvent.Stopping => new(state with { Phase = InstancePhase.Stopping, NextTry = null }),
        InstanceEvent.Ended ended => OnEnded(state, ended),
        InstanceEvent.StartRefused refused => OnRefused(state, refused),
        InstanceEvent.RetryDue due => OnRetryDue(state, due),
        InstanceEvent.Checked check => OnChecked(state, check),
        InstanceEvent.Replacing replacing => new(OnReplacing(state, replacing)),
        InstanceEvent.ReplacementFailed failed => OnReplacementFailed(state, failed),
        InstanceEvent.Postponed => new(state with { IsDue = false }),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, null),
    };

    /// <summary>A start that is not the supervisor's own is a user's: earlier failures no longer count.</summary>
    private static InstanceState OnStarting(InstanceState state) =>
        state.Phase is InstancePhase.Starting or InstancePhase.Restarting ? state : Forget(state) with { Phase = InstancePhase.Starting };

    private Transition OnRunning(InstanceState state, InstanceEvent.Running running)
    {
        var isKnown = state.StartedAt == running.StartedAt && state.Phase is InstancePhase.Running or InstancePhase.Stopping;
        return isKnown
            ? new(WithHealth(state, running))
            : new(WithHealth(Begin(OnStarting(state), running), running), new InstanceAction.ShowRunning());
    }

    private InstanceState Begin(InstanceState state, InstanceEvent.Running running) => EndRun(state) with
    {
        Phase = InstancePhase.Running,
        StartedAt = running.StartedAt,
        RunningSince = running.At,
        WasHealthy = false,
        NextTry = null,
        RequestLimit = options.MaxRequests + (long)(options.MaxRequestsJitter * chance()),
        Lifetime = options.MaxLifetime + (options.MaxLifetimeJitter * chance()),
    };

    private static InstanceState WithHealth(InstanceState state, InstanceEvent.Running running) => state with
    {
        UnhealthySince = running.IsHealthy ? null : state.UnhealthySince ?? running.At,
        SilentSince = running.IsHealthy || running.IsAlive ? null : state.SilentSince ?? running.At,
        WasHealthy = state.WasHealthy || running.IsHealthy,
    };

    private Transition OnEnded(InstanceState state, InstanceEvent.Ended ended)
    {
        var wasStopped = ended.Cause == EndCause.Stop || (ended.Cause == EndCause.Unknown && state.Phase == InstancePhase.Stopping);
        if (wasStopped)
        {
            return state.Replacement is { } replacement ? new(BeginReplacement(state, replacement)) : Stop(state);
        }

        if (ended.Cause == EndCause.FailedToStart && state.Phase is InstancePhase.Backoff or InstancePhase.Fatal)
        {
            // The host's answer to the start came first and has been handled.
            return new(state);
        }

        // An end without a start before it: a user started the process, and it ended before that was seen.
        var known = state.Phase is InstancePhase.Running or InstancePhase.Stopping ? state : OnStarting(state);
        if (!IsRestarted(known, ended))
        {
            return new(Forget(known) with { Phase = InstancePhase.Finished });
        }

        var reason = ReasonOf(known, ended);
        if (!HadStarted(known, ended))
        {
            return Fail(known, ended.At, reason);
        }

        var settled = known with { Failures = Settle(known.Failures, ended) };
        return hasHealthCheck || ended.Ran >= Settled ? Restart(settled, reason) : Fail(settled, ended.At, reason, forgiven: 1);
    }

    private static Transition Stop(InstanceState state) => new(
        Forget(state) with { Phase = InstancePhase.Stopped },
        state.Phase == InstancePhase.Backoff ? new InstanceAction.ShowStopped() : null);

    /// <summary>Whether the start succeeded: a process that was never healthy did not start, however long it ran.</summary>
    private bool HadStarted(InstanceState state, InstanceEvent.Ended ended) =>
        ended.Cause != EndCause.FailedToStart && ended.Ran >= TimeSpan.FromSeconds(options.StartSeconds) && state.WasHealthy;

    /// <summary>Cancels failures after a long run, the oldest first.</summary>
    private ImmutableArray<DateTimeOffset> Settle(ImmutableArray<DateTimeOffset> failures, InstanceEvent.Ended ended) =>
        Settled == TimeSpan.Zero ? [] : [.. failures.Skip((int)Math.Min(failures.Length, ended.Ran / Settled))];

    /// <summary>A process that runs is stopped first; for one that does not, this is a start.</summary>
    private static InstanceState OnReplacing(InstanceState state, InstanceEvent.Replacing replacing) => state.Phase switch
    {
        InstancePhase.Running => state with { Replacement = replacing.Reason },
        InstancePhase.Backoff or InstancePhase.Fatal => BeginReplacement(state, replacing.Reason),
        _ => state,
    };

    private Transition OnReplacementFailed(InstanceState state, InstanceEvent.ReplacementFailed failed) => state.Phase switch
    {
        InstancePhase.Restarting when failed.WasStopped => new(Forget(state) with { Phase = InstancePhase.Stopped }),
        InstancePhase.Restarting => Fail(state, failed.At, RestartReason.OfFailedStart(failed.Why)),
        _ => new(state with { IsDue = false, Replacement = null }),
    };

    /// <summary>The host starts the successor itself, so no start follows from here.</summary>
    private static InstanceState BeginReplacement(InstanceState state, RestartReason reason) =>
        Forget(state) with { Phase = InstancePhase.Restarting, Reason = reason, Restarts = state.Restarts + 1 };

    private Transition OnRefused(InstanceState state, InstanceEvent.StartRefused refused) => state.Phase == InstancePhase.Restarting
        ? Fail(state, refused.At, RestartReason.OfFailedStart(refused.Reason))
        : new(state);

    private static Transition OnRetryDue(InstanceState state, InstanceEvent.RetryDue due) =>
        state.Phase == InstancePhase.Backoff && due.At >= state.NextTry ? Restart(state, state.Reason!) : new(state);

    private Transition OnChecked(InstanceState state, InstanceEvent.Checked check)
    {
        if (state.Phase != InstancePhase.Running)
        {
            return new(state);
        }

        if (check.IsDebugged && state.SilentSince is not null)
        {
            // A breakpoint may last for hours: the time without an answer counts from when the debugger is detached.
            state = state with { SilentSince = check.At };
        }

        if (IsHung(state, check.At))
        {
            var silence = check.At - state.SilentSince!.Value;
            var why = string.Create(CultureInfo.InvariantCulture, $"it gave no answer for {silence.TotalSeconds:0.#} s");
            // The time starts over: should the kill fail, the next one follows after the same time.
            return new(state with { KilledBecause = why, SilentSince = check.At }, new InstanceAction.Kill(why));
        }

        return !state.IsDue && state.Replacement is null && DueReason(state, check) is { } reason
            ? new(state with { IsDue = true }, new InstanceAction.Replace(reason))
            : new(state);
    }

    private bool IsHung(InstanceState state, DateTimeOffset now)
    {
        var (timeout, startTimeout) = (options.Watchdog.Timeout, options.HealthyTimeout);
        var limit = state.WasHealthy || startTimeout < timeout ? timeout : startTimeout;
        return options.Watchdog.Enabled && now - state.SilentSince >= limit;
    }

    private RestartReason? DueReason(InstanceState state, InstanceEvent.Checked check)
    {
        if (check.ResidentBytes > options.MemoryLimit)
        {
            return RestartReason.OfMemory(Mebibytes(check.ResidentBytes.Value), Mebibytes(options.MemoryLimit.Value));
        }

        if (check.Requests >= state.RequestLimit)
        {
            return new("requests", $"it has served {check.Requests} requests");
        }

        var age = check.At - state.RunningSince;
        return age >= state.Lifetime
            ? new("lifetime", string.Create(CultureInfo.InvariantCulture, $"it has run for {age.TotalMinutes:0.#} min"))
            : null;
    }

    private bool IsRestarted(InstanceState state, InstanceEvent.Ended ended)
    {
        var hasExited = ended.Cause != EndCause.FailedToStart && state.KilledBecause is null;
        var isExpected = hasExited && ended.ExitCode is { } code && options.ExitCodes.Contains(code);
        return options.Autorestart == SupervisorAutorestart.Always
            || (options.Autorestart == SupervisorAutorestart.Unexpected && !isExpected);
    }

    private static RestartReason ReasonOf(InstanceState state, InstanceEvent.Ended ended) => state.KilledBecause is { } why
        ? RestartReason.OfWatchdog(why)
        : ended.Cause == EndCause.FailedToStart ? RestartReason.OfFailedStart("it could not be started")
        : RestartReason.OfExit(ended.ExitCode);

    private static Transition Restart(InstanceState state, RestartReason reason) => new(
        EndRun(state) with { Phase = InstancePhase.Restarting, Reason = reason, Restarts = state.Restarts + 1, NextTry = null },
        new InstanceAction.Start(reason));

    /// <summary>After a failed start: restarts the process, waits for the next try, or gives up.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="now">When it failed.</param>
    /// <param name="reason">Why.</param>
    /// <param name="forgiven">How many failures within <see cref="SupervisorOptions.StartLimitInterval"/> have no consequence.</param>
    private Transition Fail(InstanceState state, DateTimeOffset now, RestartReason reason, int forgiven = 0)
    {
        var failed = EndRun(state) with
        {
            Failures = [.. state.Failures.Where(failure => now - failure < options.StartLimitInterval), now],
            Reason = reason,
        };
        var count = failed.Failures.Length - forgiven;
        if (count == 0)
        {
            return Restart(failed, reason);
        }

        if (count > options.StartRetries)
        {
            return new(failed with { Phase = InstancePhase.Fatal, NextTry = null }, new InstanceAction.GiveUp());
        }

        var delay = Delay(count);
        return new(failed with { Phase = InstancePhase.Backoff, Attempt = count, NextTry = now + delay }, new InstanceAction.Retry(delay));
    }

    private TimeSpan Delay(int attempt)
    {
        var backoff = options.Backoff;
        var steady = Math.Min(backoff.Initial.TotalMilliseconds * Math.Pow(backoff.Factor, attempt - 1), backoff.Cap.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(steady * (1 - (backoff.Jitter * chance())));
    }

    private static InstanceState Forget(InstanceState state) => EndRun(state) with { Failures = [], NextTry = null, Reason = null };

    /// <summary>Clears what belongs to one run.</summary>
    private static InstanceState EndRun(InstanceState state) => state with
    {
        UnhealthySince = null,
        SilentSince = null,
        KilledBecause = null,
        IsDue = false,
        Replacement = null,
    };

    private static long Mebibytes(long bytes) => bytes >> 20;
}
