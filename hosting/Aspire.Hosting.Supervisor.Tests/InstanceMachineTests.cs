using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Machine;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class InstanceMachineTests
{
    private static readonly SupervisorOptions Default = new();

    [Theory]
    [InlineData(SupervisorAutorestart.Never, 0, false)]
    [InlineData(SupervisorAutorestart.Never, 1, false)]
    [InlineData(SupervisorAutorestart.Never, 137, false)]
    [InlineData(SupervisorAutorestart.Unexpected, 0, false)]
    [InlineData(SupervisorAutorestart.Unexpected, 1, true)]
    [InlineData(SupervisorAutorestart.Unexpected, 137, true)]
    [InlineData(SupervisorAutorestart.Unexpected, null, true)]
    [InlineData(SupervisorAutorestart.Always, 0, true)]
    [InlineData(SupervisorAutorestart.Always, 137, true)]
    public void Restarts_an_exit_as_the_policy_says(SupervisorAutorestart policy, int? code, bool restarted)
    {
        var machine = new Machine(Default with { Autorestart = policy }).Started().After(10);

        var action = machine.Exits(code, ran: 10);

        Assert.Equal(restarted, action is InstanceAction.Start);
        Assert.Equal(restarted ? InstancePhase.Restarting : InstancePhase.Finished, machine.Phase);
        Assert.Equal(restarted ? 1 : 0, machine.State.Restarts);
    }

    [Fact]
    public void Takes_other_exit_codes_for_expected()
    {
        var options = Default with { ExitCodes = [3] };

        Assert.Null(new Machine(options).Started().Exits(3, ran: 10));
        Assert.IsType<InstanceAction.Start>(new Machine(options).Started().Exits(0, ran: 10));
    }

    [Fact]
    public void Leaves_what_is_done_at_once_alone() => Assert.Null(new Machine(Default).Started().Exits(0, ran: 0.01));

    [Theory]
    [InlineData(1, "it exited with code 1")]
    [InlineData(134, "it aborted (SIGABRT)")]
    [InlineData(137, "it was killed (SIGKILL)")]
    [InlineData(139, "it crashed (SIGSEGV)")]
    [InlineData(143, "it was ended from outside (SIGTERM)")]
    [InlineData(129, "it was ended by signal 1")]
    [InlineData(200, "it exited with code 200")]
    [InlineData(null, "it ended")]
    public void Says_how_it_ended(int? code, string text)
    {
        var start = Assert.IsType<InstanceAction.Start>(new Machine(Default).Started().Exits(code, ran: 10));

        Assert.Equal(new RestartReason("exit", text), start.Reason);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Takes_a_stop_for_a_stop(bool hostSaysSo, bool sawStopping)
    {
        var machine = new Machine(Default with { Autorestart = SupervisorAutorestart.Always }).Started();
        if (sawStopping)
        {
            machine.Apply(new InstanceEvent.Stopping(machine.Now));
        }

        Assert.Null(machine.Ends(hostSaysSo ? EndCause.Stop : EndCause.Unknown, 143));
        Assert.Equal(InstancePhase.Stopped, machine.Phase);
        Assert.False(machine.State.IsWanted);
    }

    [Fact]
    public void Takes_an_end_without_a_cause_and_without_a_stop_for_an_exit() =>
        Assert.IsType<InstanceAction.Start>(new Machine(Default).Started().Ends(EndCause.Unknown, 1));

    [Fact]
    public void Believes_the_host_that_an_exit_while_stopping_was_no_stop()
    {
        var machine = new Machine(Default).Started();
        machine.Apply(new InstanceEvent.Stopping(machine.Now));

        Assert.IsType<InstanceAction.Start>(machine.Ends(EndCause.Exit, 1));
    }

    [Fact]
    public void Waits_longer_and_longer_and_gives_up()
    {
        var machine = new Machine(Default).Started();
        double[] waits = [0.5, 1, 2];
        foreach (var wait in waits)
        {
            var retry = Assert.IsType<InstanceAction.Retry>(machine.Exits(1, ran: 0.2));
            Assert.Equal(wait, retry.Delay.TotalSeconds);
            Assert.Equal(InstancePhase.Backoff, machine.Phase);
            Assert.Equal(machine.Now + retry.Delay, machine.State.NextTry);
            Assert.IsType<InstanceAction.Start>(machine.Retries());
            machine.Apply(new InstanceEvent.Starting(machine.Now));
            machine.Runs();
        }

        Assert.IsType<InstanceAction.GiveUp>(machine.Exits(1, ran: 0.2));
        Assert.Equal(InstancePhase.Fatal, machine.Phase);
        Assert.Equal(3, machine.State.Restarts);
        Assert.Equal(4, machine.State.Failures.Length);
        Assert.False(machine.State.IsWanted);
    }

    [Fact]
    public void Gives_up_at_once_without_retries() =>
        Assert.IsType<InstanceAction.GiveUp>(new Machine(Default with { StartRetries = 0 }).Started().Exits(1, ran: 0.2));

    [Fact]
    public void Waits_no_longer_than_the_cap()
    {
        var machine = new Machine(Default with { StartRetries = 100, Backoff = new() { Cap = TimeSpan.FromSeconds(3) } }).Started();
        for (var i = 0; i < 10; i++)
        {
            machine.Exits(1, ran: 0);
            machine.Retries();
        }

        Assert.Equal(TimeSpan.FromSeconds(3), Assert.IsType<InstanceAction.Retry>(machine.Exits(1, ran: 0)).Delay);
    }

    [Fact]
    public void Leaves_a_share_of_the_wait_to_chance()
    {
        var machine = new Machine(Default with { Backoff = new() { Initial = TimeSpan.FromSeconds(10), Jitter = 0.4 } }, chance: 0.5)
            .Started();

        Assert.Equal(TimeSpan.FromSeconds(8), Assert.IsType<InstanceAction.Retry>(machine.Exits(1, ran: 0)).Delay);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(9.9, 2)]
    [InlineData(10, 1)]
    [InlineData(25, 0)]
    public void Forgets_a_failed_start_for_each_ten_start_times_of_a_run(double ran, int left)
    {
        var machine = new Machine(Default).Started();
        for (var failure = 0; failure < 2; failure++)
        {
            machine.Exits(1, ran: 0);
            machine.Retries();
            machine.Runs();
        }

        Assert.IsType<InstanceAction.Start>(machine.After(ran).Exits(1, ran));
        Assert.Equal(left, machine.State.Failures.Length);
    }

    [Fact]
    public void Waits_longer_and_longer_for_what_ends_soon_after_each_start_and_gives_up()
    {
        var machine = new Machine(Default, hasHealthCheck: false).Started();
        Assert.IsType<InstanceAction.Start>(machine.After(1.3).Exits(1, ran: 1.3));
        foreach (var wait in (double[])[0.5, 1, 2])
        {
            machine.Runs();
            Assert.Equal(wait, Assert.IsType<InstanceAction.Retry>(machine.After(1.3).Exits(1, ran: 1.3)).Delay.TotalSeconds);
            machine.Retries();
        }

        machine.Runs();
        Assert.IsType<InstanceAction.GiveUp>(machine.After(1.3).Exits(1, ran: 1.3));
        machine.Started();
        Assert.Equal((InstancePhase.Running, 0), (machine.Phase, machine.State.Failures.Length));
    }

    [Fact]
    public void Restarts_at_once_what_was_healthy_however_short()
    {
        var machine = new Machine(Default).Started();
        for (var kill = 0; kill < 200; kill++)
        {
            Assert.IsType<InstanceAction.Start>(machine.After(1.3).Exits(137, ran: 1.3));
            machine.Runs();
        }
    }

    [Fact]
    public void Takes_what_was_never_healthy_for_a_failed_start_however_it_ended()
    {
        var machine = new Machine(Default).Started(healthy: false);

        Assert.IsType<InstanceAction.Retry>(machine.After(50).Exits(1, ran: 50));
    }

    [Fact]
    public void Leaves_alone_what_answers_that_it_is_not_healthy()
    {
        var machine = new Machine(Default).Started();
        machine.Health(false, alive: true);

        Assert.Null(machine.After(3_600).Checks());
        Assert.False(machine.State.IsServing);
        machine.Health(true);
        Assert.True(machine.State.IsServing);
    }

    [Fact]
    public void Forgets_failed_starts_that_are_long_ago()
    {
        var machine = new Machine(Default with { StartRetries = 1, StartLimitInterval = TimeSpan.FromSeconds(10) }).Started();
        machine.Exits(1, ran: 0);
        machine.Retries();

        Assert.IsType<InstanceAction.Retry>(machine.After(10).Exits(1, ran: 0));
    }

    [Fact]
    public void Tries_again_what_could_not_be_started_even_if_code_0_is_expected()
    {
        var machine = new Machine(Default);
        machine.Apply(new InstanceEvent.Starting(machine.Now));

        Assert.IsType<InstanceAction.Retry>(machine.Ends(EndCause.FailedToStart, 0));
        Assert.Equal("start", machine.State.Reason!.Kind);
    }

    [Fact]
    public void Counts_a_start_that_the_host_refuses_as_failed()
    {
        var machine = new Machine(Default).Started();
        machine.Exits(1, ran: 10);

        Assert.IsType<InstanceAction.Retry>(machine.Apply(new InstanceEvent.StartRefused(machine.Now, "no")));
        Assert.Equal(new RestartReason("start", "no"), machine.State.Reason);
    }

    [Fact]
    public void Ignores_a_refusal_when_somebody_else_started_it()
    {
        var machine = new Machine(Default).Started();
        machine.Exits(1, ran: 10);
        machine.Runs();

        Assert.Null(machine.Apply(new InstanceEvent.StartRefused(machine.Now, "it runs")));
        Assert.Equal(InstancePhase.Running, machine.Phase);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Is_revived_by_somebodys_start_and_counts_anew(bool startingWasSeen)
    {
        var machine = new Machine(Default with { StartRetries = 0 }).Started();
        machine.Exits(1, ran: 0);
        Assert.Equal(InstancePhase.Fatal, machine.Phase);

        if (startingWasSeen)
        {
            machine.Apply(new InstanceEvent.Starting(machine.Now));
        }

        Assert.IsType<InstanceAction.ShowRunning>(machine.Runs());
        Assert.Equal(InstancePhase.Running, machine.Phase);
        Assert.Empty(machine.State.Failures);
        Assert.Null(machine.State.Reason);
    }

    [Theory]
    [InlineData(0, InstancePhase.Fatal)]
    [InlineData(1, InstancePhase.Backoff)]
    internal void Counts_a_start_that_fails_once_when_the_answer_comes_before_the_row(int retries, InstancePhase phase)
    {
        var machine = new Machine(new() { StartRetries = retries }).Started().After(5);
        machine.Exits(1, 5);

        machine.Apply(new InstanceEvent.StartRefused(machine.Now, "its port is taken"));
        var judged = machine.State;

        Assert.Null(machine.Ends(EndCause.FailedToStart));
        Assert.Equal((judged, phase), (machine.State, machine.Phase));
    }

    [Fact]
    public void Does_not_try_again_after_somebodys_start()
    {
        var machine = new Machine(Default).Started();
        machine.Exits(1, ran: 0);
        var due = machine.State.NextTry!.Value;
        machine.Started();

        Assert.Null(machine.Apply(new InstanceEvent.RetryDue(due)));
        Assert.Equal(InstancePhase.Running, machine.Phase);
    }

    [Fact]
    public void Does_not_try_before_it_is_time()
    {
        var machine = new Machine(Default).Started();
        machine.Exits(1, ran: 0);

        Assert.Null(machine.Apply(new InstanceEvent.RetryDue(machine.State.NextTry!.Value.AddTicks(-1))));
        Assert.Equal(InstancePhase.Backoff, machine.Phase);
    }

    [Fact]
    public void Does_not_try_again_what_was_stopped_meanwhile()
    {
        var machine = new Machine(Default).Started();
        machine.Exits(1, ran: 0);
        var due = machine.State.NextTry!.Value;

        Assert.IsType<InstanceAction.ShowStopped>(machine.Ends(EndCause.Stop));

        Assert.Null(machine.Apply(new InstanceEvent.RetryDue(due)));
        Assert.Equal(InstancePhase.Stopped, machine.Phase);
    }

    [Fact]
    public void Counts_anew_for_somebodys_start_that_was_over_before_it_was_seen()
    {
        var machine = new Machine(Default with { StartRetries = 0 }).Started();
        machine.Exits(1, ran: 0);

        Assert.IsType<InstanceAction.GiveUp>(machine.Exits(1, ran: 0));
        Assert.Single(machine.State.Failures);
    }

    [Fact]
    public void Shows_each_run_once()
    {
        var machine = new Machine(Default);
        machine.Apply(new InstanceEvent.Starting(machine.Now));

        Assert.IsType<InstanceAction.ShowRunning>(machine.Runs());
        Assert.Null(machine.Health(true));
        Assert.Null(machine.Health(false));
        Assert.IsType<InstanceAction.ShowRunning>(machine.After(1).Runs());
    }

    [Fact]
    public void Goes_on_stopping_when_a_late_report_comes()
    {
        var machine = new Machine(Default).Started();
        machine.Apply(new InstanceEvent.Stopping(machine.Now));

        machine.Health(false);

        Assert.Equal(InstancePhase.Stopping, machine.Phase);
    }

    [Fact]
    public void Kills_what_is_not_healthy_for_too_long_and_restarts_it()
    {
        var machine = new Machine(Default).Started();
        machine.After(100).Health(false);

        Assert.Null(machine.After(29.9).Checks());
        machine.Health(false);
        var kill = Assert.IsType<InstanceAction.Kill>(machine.After(0.1).Checks());
        var start = Assert.IsType<InstanceAction.Start>(machine.Exits(137, ran: 130));

        Assert.Equal("it gave no answer for 30 s", kill.Why);
        Assert.Equal(RestartReason.OfWatchdog(kill.Why), start.Reason);
        Assert.Null(machine.State.KilledBecause);
    }

    [Fact]
    public void Restarts_what_it_killed_even_if_the_exit_code_is_expected()
    {
        var machine = new Machine(Default with { ExitCodes = [137] }).Started();
        machine.Health(false);
        machine.After(30).Checks();

        Assert.IsType<InstanceAction.Start>(machine.Exits(137, ran: 30));
    }

    [Fact]
    public void Leaves_what_it_killed_ended_when_nothing_is_to_be_restarted()
    {
        var machine = new Machine(Default with { Autorestart = SupervisorAutorestart.Never }).Started();
        machine.Health(false);
        machine.After(30).Checks();

        Assert.Null(machine.Exits(137, ran: 30));
        Assert.Equal(InstancePhase.Finished, machine.Phase);
    }

    [Fact]
    public void Begins_to_count_anew_when_it_is_healthy_between()
    {
        var machine = new Machine(Default).Started();
        machine.Health(false);
        machine.After(29).Health(true);
        machine.Health(false);

        Assert.Null(machine.After(29).Checks());
    }

    [Fact]
    public void Counts_the_silence_from_when_a_debugger_lets_go()
    {
        var machine = new Machine(Default).Started();
        machine.Health(false);

        Assert.Null(machine.After(3_600).Checks(debugged: true));
        Assert.Null(machine.After(29).Checks());
        Assert.IsType<InstanceAction.Kill>(machine.After(1).Checks());
    }

    [Fact]
    public void Takes_a_debugger_for_no_silence()
    {
        var machine = new Machine(Default).Started();

        machine.After(60).Checks(debugged: true);

        Assert.Null(machine.State.SilentSince);
    }

    [Fact]
    public void Kills_once_and_again_only_after_as_long()
    {
        var machine = new Machine(Default).Started();
        machine.Health(false);
        Assert.IsType<InstanceAction.Kill>(machine.After(30).Checks());

        Assert.Null(machine.After(1).Checks());
        Assert.IsType<InstanceAction.Kill>(machine.After(29).Checks());
    }

    [Fact]
    public void Gives_what_has_not_been_healthy_yet_more_time()
    {
        var machine = new Machine(Default).Started(healthy: false);

        Assert.Null(machine.After(59).Checks());
        Assert.IsType<InstanceAction.Kill>(machine.After(1).Checks());
    }

    [Fact]
    public void Gives_it_the_longer_of_the_two_times()
    {
        var machine = new Machine(Default with { HealthyTimeout = TimeSpan.FromSeconds(1) }).Started(healthy: false);

        Assert.Null(machine.After(29).Checks());
        Assert.IsType<InstanceAction.Kill>(machine.After(1).Checks());
    }

    [Fact]
    public void Gives_up_what_never_becomes_healthy()
    {
        var machine = new Machine(Default with { StartRetries = 1 }).Started(healthy: false);
        machine.After(60).Checks();
        Assert.IsType<InstanceAction.Retry>(machine.Exits(137, ran: 60));
        machine.Retries();
        machine.Runs(healthy: false);
        machine.After(60).Checks();

        Assert.IsType<InstanceAction.GiveUp>(machine.Exits(137, ran: 60));
    }

    [Fact]
    public void Kills_nothing_without_a_watchdog()
    {
        var machine = new Machine(Default with { Watchdog = new() { Enabled = false } }).Started();
        machine.Health(false);

        Assert.Null(machine.After(3600).Checks());
    }

    [Fact]
    public void Replaces_what_holds_too_much_memory_once()
    {
        var machine = new Machine(Default with { MemoryLimit = 100 << 20 }).Started();

        Assert.Null(machine.Checks(bytes: 100 << 20));
        var replace = Assert.IsType<InstanceAction.Replace>(machine.Checks(bytes: 101 << 20));
        Assert.Null(machine.Checks(bytes: 102 << 20));

        Assert.Equal(new RestartReason("memory", "it holds 101 MiB, more than the limit of 100 MiB"), replace.Reason);
    }

    [Fact]
    public void Replaces_nothing_whose_memory_is_not_known() =>
        Assert.Null(new Machine(Default with { MemoryLimit = 1 << 20 }).Started().Checks(bytes: null));

    [Fact]
    public void Replaces_what_has_served_enough_requests()
    {
        var machine = new Machine(Default with { MaxRequests = 1000, MaxRequestsJitter = 100 }, chance: 0.5).Started();

        Assert.Null(machine.Checks(requests: 1049));
        Assert.Equal("requests", Assert.IsType<InstanceAction.Replace>(machine.Checks(requests: 1050)).Reason.Kind);
    }

    [Fact]
    public void Replaces_what_is_old()
    {
        var machine = new Machine(
            Default with { MaxLifetime = TimeSpan.FromHours(1), MaxLifetimeJitter = TimeSpan.FromMinutes(10) },
            chance: 0.5)
            .Started();

        Assert.Null(machine.After(3899).Checks());
        Assert.Equal(
            new RestartReason("lifetime", "it has run for 65 min"),
            Assert.IsType<InstanceAction.Replace>(machine.After(1).Checks()).Reason);
    }

    [Fact]
    public void Replaces_nothing_without_limits() =>
        Assert.Null(new Machine(Default).Started().After(1e6).Checks(bytes: 1L << 40, requests: 1L << 40));

    [Fact]
    public void Is_due_again_after_a_postponed_replacement()
    {
        var machine = new Machine(Default with { MemoryLimit = 1 << 20 }).Started();
        machine.Checks(bytes: 2 << 20);
        machine.Apply(new InstanceEvent.Postponed(machine.Now));

        Assert.IsType<InstanceAction.Replace>(machine.Checks(bytes: 2 << 20));
    }

    [Fact]
    public void Takes_the_stop_of_a_replacement_for_a_restart()
    {
        var machine = new Machine(Default).Started();
        var reason = new RestartReason("memory", "it holds too much");
        machine.Apply(new InstanceEvent.Replacing(machine.Now, reason));
        machine.Apply(new InstanceEvent.Stopping(machine.Now));

        Assert.Null(machine.Ends(EndCause.Stop, 143));
        Assert.Equal(InstancePhase.Restarting, machine.Phase);
        machine.Apply(new InstanceEvent.Starting(machine.Now));
        machine.Runs();

        Assert.Equal(1, machine.State.Restarts);
        Assert.Equal(reason, machine.State.Reason);
    }

    [Fact]
    public void Does_not_take_a_later_stop_for_a_replacement()
    {
        var machine = new Machine(Default).Started();
        machine.Apply(new InstanceEvent.Replacing(machine.Now, new RestartReason("reload", "")));
        machine.Ends(EndCause.Stop);
        machine.After(1).Runs();

        machine.Ends(EndCause.Stop);

        Assert.Equal(InstancePhase.Stopped, machine.Phase);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Revives_what_is_not_running_when_it_is_replaced(int retries)
    {
        var machine = new Machine(Default with { StartRetries = retries }).Started();
        machine.Exits(1, ran: 0);
        var due = machine.State.NextTry;

        machine.Apply(new InstanceEvent.Replacing(machine.Now, new RestartReason("reload", "")));

        Assert.Equal(InstancePhase.Restarting, machine.Phase);
        Assert.Empty(machine.State.Failures);
        Assert.Null(due is null ? null : machine.Apply(new InstanceEvent.RetryDue(due.Value)));
    }

    [Fact]
    public void Tries_again_what_was_stopped_for_a_replacement_and_not_started()
    {
        var machine = new Machine(Default).Started();
        machine.Apply(new InstanceEvent.Replacing(machine.Now, new RestartReason("reload", "")));
        machine.Ends(EndCause.Stop);

        Assert.IsType<InstanceAction.Retry>(machine.Apply(new InstanceEvent.ReplacementFailed(machine.Now, "no")));
    }

    [Fact]
    public void Leaves_stopped_what_somebody_stopped_just_before_it_was_to_be_replaced()
    {
        var machine = new Machine(Default).Started();
        machine.Apply(new InstanceEvent.Replacing(machine.Now, new RestartReason("reload", "")));
        machine.Ends(EndCause.Stop);

        Assert.Null(machine.Apply(new InstanceEvent.ReplacementFailed(machine.Now, "it does not run", WasStopped: true)));
        Assert.Equal(InstancePhase.Stopped, machine.Phase);
    }

    [Fact]
    public void Goes_on_with_what_could_not_be_stopped_for_a_replacement()
    {
        var machine = new Machine(Default).Started();
        machine.Apply(new InstanceEvent.Replacing(machine.Now, new RestartReason("reload", "")));

        Assert.Null(machine.Apply(new InstanceEvent.ReplacementFailed(machine.Now, "no")));
        Assert.Equal(InstancePhase.Running, machine.Phase);
        Assert.Null(machine.State.Replacement);
    }

    [Fact]
    public void Ignores_checks_of_a_process_that_does_not_run()
    {
        var machine = new Machine(Default with { MaxLifetime = TimeSpan.FromSeconds(1) }).Started();
        machine.Ends(EndCause.Stop);

        Assert.Null(machine.After(100).Checks());
    }

    /// <summary>Whatever happens in whatever phase, the machine answers, and what it says fits the phase it is in.</summary>
    [Fact]
    public void Stays_consistent_over_long_random_lives()
    {
        var random = new Random(4711);
        var options = Default with { MemoryLimit = 1 << 20, MaxLifetime = TimeSpan.FromSeconds(100), StartRetries = 2 };
        for (var life = 0; life < 300; life++)
        {
            var machine = new Machine(options, random.NextDouble());
            for (var step = 0; step < 100; step++)
            {
                machine.After(random.NextDouble() * 20);
                AssertFits(machine, machine.Apply(Some(random, machine)));
            }
        }
    }

    private static InstanceEvent Some(Random random, Machine machine) => random.Next(11) switch
    {
        0 => new InstanceEvent.Starting(machine.Now),
        1 or 2 => new InstanceEvent.Running(machine.Now, machine.Now, random.Next(2) == 0, random.Next(2) == 0),
        3 => new InstanceEvent.Running(machine.Now, machine.State.StartedAt ?? machine.Now, random.Next(2) == 0, random.Next(2) == 0),
        4 => new InstanceEvent.Stopping(machine.Now),
        5 or 6 => new InstanceEvent.Ended(
            machine.Now,
            (EndCause)random.Next(4),
            random.Next(3),
            TimeSpan.FromSeconds(random.NextDouble() * 2)),
        7 => new InstanceEvent.RetryDue(machine.State.NextTry ?? machine.Now),
        8 => new InstanceEvent.Checked(machine.Now, random.Next(1 << 21), null),
        9 => new InstanceEvent.Replacing(machine.Now, new RestartReason("reload", "")),
        _ => random.Next(2) == 0
            ? new InstanceEvent.ReplacementFailed(machine.Now, "no")
            : new InstanceEvent.StartRefused(machine.Now, "no"),
    };

    private static void AssertFits(Machine machine, InstanceAction? action)
    {
        var state = machine.State;
        Assert.Equal(state.Phase == InstancePhase.Backoff, state.NextTry is not null);
        Assert.True(state.Phase is InstancePhase.Running or InstancePhase.Stopping
            || (state.UnhealthySince is null && state.KilledBecause is null && state.Replacement is null && !state.IsDue));
        Assert.True(state.Failures.Length <= 3);
        Assert.True(action switch
        {
            InstanceAction.Start => state.Phase == InstancePhase.Restarting,
            InstanceAction.Retry retry => state.Phase == InstancePhase.Backoff
                && retry.Delay > TimeSpan.Zero
                && retry.Delay <= TimeSpan.FromSeconds(30),
            InstanceAction.GiveUp => state.Phase == InstancePhase.Fatal,
            InstanceAction.Kill or InstanceAction.Replace or InstanceAction.ShowRunning => state.Phase == InstancePhase.Running,
            _ => true,
        });
    }
}
