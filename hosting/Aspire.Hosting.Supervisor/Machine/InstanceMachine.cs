using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>Decides over one process: a pure function from its state and an event to its next state and what is to be done.</summary>
/// <param name="options">The policy.</param>
/// <param name="chance">Yields numbers from 0 up to 1, for jitter.</param>
/// <param name="hasHealthCheck">Whether it is known when the process serves.</param>
internal sealed class InstanceMachine(SupervisorOptions options, Func<double> chance, bool hasHealthCheck)
{
    /// <summary>A run of so many times <see cref="SupervisorOptions.StartSeconds"/> makes good for one that failed.</summary>
    private const int SettledStarts = 10;

    private TimeSpan Settled => TimeSpan.FromSeconds(options.StartSeconds) * SettledStarts;

    public Transition Apply(InstanceState state, InstanceEvent change)
    {
        var transition = Decide(state, change);
        return transition.State.Restarts == state.Restarts ? transition : transition with { State = transition.State with { RestartedAt = change.At } };
    }

    private Transition Decide(InstanceState state, InstanceEvent change) => change switch
    {
        InstanceEvent.Starting => new(OnStarting(state)),
        InstanceEvent.Running running => OnRunning(state, running),
        InstanceEvent.Stopping => new(state with { Phase = InstancePhase.Stopping, NextTry = null }),
        InstanceEvent.Ended ended => OnEnded(state, ended),
        InstanceEvent.StartRefused refused => OnRefused(state, refused),
        InstanceEvent.RetryDue due => OnRetryDue(state, due),
        InstanceEvent.Looked looked => OnLooked(state, looked),
        InstanceEvent.Replacing replacing => new(OnReplacing(state, replacing)),
        InstanceEvent.ReplacementFailed failed => OnReplacementFailed(state, failed),
        InstanceEvent.Postponed => new(state with { IsDue = false }),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, null),
    };

    /// <summary>A start that is not the supervisor's own is somebody's: what was before no longer counts.</summary>
    private static InstanceState OnStarting(InstanceState state) =>
        state.Phase is InstancePhase.Starting or InstancePhase.Restarting ? state : Forget(state) with { Phase = InstancePhase.Starting };

    private Transition OnRunning(InstanceState state, InstanceEvent.Running running)
    {
        var isKnown = state.StartedAt == running.StartedAt && state.Phase is InstancePhase.Running or InstancePhase.Stopping;
        return isKnown ? new(WithHealth(state, running)) : new(WithHealth(Begin(OnStarting(state), running), running), new InstanceAction.ShowRunning());
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
            return state.Replacement is { } replacement
                ? new(Renew(state, replacement))
                : new(Forget(state) with { Phase = InstancePhase.Stopped }, state.Phase == InstancePhase.Backoff ? new InstanceAction.ShowStopped() : null);
        }

        if (ended.Cause == EndCause.FailedToStart && state.Phase is InstancePhase.Backoff or InstancePhase.Fatal)
        {
            // The host's answer to the start came first, and has been judged.
            return new(state);
        }

        // An end without a start before it is that of somebody's start which was over before it was seen.
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

    /// <summary>What was never healthy did not start, however long it took and however it ended.</summary>
    private bool HadStarted(InstanceState state, InstanceEvent.Ended ended) =>
        ended.Cause != EndCause.FailedToStart && ended.Ran >= TimeSpan.FromSeconds(options.StartSeconds) && state.WasHealthy;

    /// <summary>A long run makes good for failures, the oldest first; a short one proves nothing.</summary>
    private ImmutableArray<DateTimeOffset> Settle(ImmutableArray<DateTimeOffset> failures, InstanceEvent.Ended ended) =>
        Settled == TimeSpan.Zero ? [] : [.. failures.Skip((int)Math.Min(failures.Length, ended.Ran / Settled))];

    /// <summary>A process that runs is stopped first; for one that does not, this is a start.</summary>
    private static InstanceState OnReplacing(InstanceState state, InstanceEvent.Replacing replacing) => state.Phase switch
    {
        InstancePhase.Running => state with { Replacement = replacing.Reason },
        InstancePhase.Backoff or InstancePhase.Fatal => Renew(state, replacing.Reason),
        _ => state,
    };

    private Transition OnReplacementFailed(InstanceState state, InstanceEvent.ReplacementFailed failed) => state.Phase switch
    {
        InstancePhase.Restarting when failed.WasStopped => new(Forget(state) with { Phase = InstancePhase.Stopped }),
        InstancePhase.Restarting => Fail(state, failed.At, RestartReason.OfFailedStart(failed.Why)),
        _ => new(state with { IsDue = false, Replacement = null }),
    };

    /// <summary>The host starts it again by itself.</summary>
    private static InstanceState Renew(InstanceState state, RestartReason reason) =>
        Forget(state) with { Phase = InstancePhase.Restarting, Reason = reason, Restarts = state.Restarts + 1 };

    private Transition OnRefused(InstanceState state, InstanceEvent.StartRefused refused) => state.Phase == InstancePhase.Restarting
        ? Fail(state, refused.At, RestartReason.OfFailedStart(refused.Reason))
        : new(state);

    private static Transition OnRetryDue(InstanceState state, InstanceEvent.RetryDue due) =>
        state.Phase == InstancePhase.Backoff && due.At >= state.NextTry ? Restart(state, state.Reason!) : new(state);

    private Transition OnLooked(InstanceState state, InstanceEvent.Looked looked)
    {
        if (state.Phase != InstancePhase.Running)
        {
            return new(state);
        }

        if (looked.IsDebugged && state.SilentSince is not null)
        {
            // A break may last for hours; the silence counts from when the debugger is detached.
            state = state with { SilentSince = looked.At };
        }

        if (IsHung(state, looked.At))
        {
            var why = string.Create(CultureInfo.InvariantCulture, $"it gave no answer for {(looked.At - state.SilentSince!.Value).TotalSeconds:0.#} s");
            // Counted anew: should the kill miss, the next one comes after as long a time.
            return new(state with { KilledBecause = why, SilentSince = looked.At }, new InstanceAction.Kill(why));
        }

        return !state.IsDue && state.Replacement is null && DueReason(state, looked) is { } reason
            ? new(state with { IsDue = true }, new InstanceAction.Replace(reason))
            : new(state);
    }

    private bool IsHung(InstanceState state, DateTimeOffset now)
    {
        var patience = state.WasHealthy || options.HealthyTimeout < options.Watchdog.Timeout ? options.Watchdog.Timeout : options.HealthyTimeout;
        return options.Watchdog.Enabled && now - state.SilentSince >= patience;
    }

    private RestartReason? DueReason(InstanceState state, InstanceEvent.Looked looked)
    {
        if (looked.ResidentBytes > options.MemoryLimit)
        {
            return RestartReason.OfMemory(Mebibytes(looked.ResidentBytes.Value), Mebibytes(options.MemoryLimit.Value));
        }

        if (looked.Requests >= state.RequestLimit)
        {
            return new("requests", $"it has served {looked.Requests} requests");
        }

        return looked.At - state.RunningSince >= state.Lifetime
            ? new("lifetime", string.Create(CultureInfo.InvariantCulture, $"it has run for {(looked.At - state.RunningSince).TotalMinutes:0.#} min"))
            : null;
    }

    private bool IsRestarted(InstanceState state, InstanceEvent.Ended ended)
    {
        var isExpected = ended.Cause != EndCause.FailedToStart && state.KilledBecause is null && ended.ExitCode is { } code && options.ExitCodes.Contains(code);
        return options.Autorestart == SupervisorAutorestart.Always || (options.Autorestart == SupervisorAutorestart.Unexpected && !isExpected);
    }

    private static RestartReason ReasonOf(InstanceState state, InstanceEvent.Ended ended) => state.KilledBecause is { } why
        ? RestartReason.OfWatchdog(why)
        : ended.Cause == EndCause.FailedToStart ? RestartReason.OfFailedStart("it could not be started") : RestartReason.OfExit(ended.ExitCode);

    private static Transition Restart(InstanceState state, RestartReason reason) => new(
        EndRun(state) with { Phase = InstancePhase.Restarting, Reason = reason, Restarts = state.Restarts + 1, NextTry = null },
        new InstanceAction.Start(reason));

    /// <param name="state">What is known of it.</param>
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

    /// <summary>What is known of one run says nothing of the next.</summary>
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
