using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static Aspire.Hosting.Supervisor.Tests.SupervisedApplication;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class RestartTests(RestartTests.Programs programs) : IClassFixture<RestartTests.Programs>
{
    private SupervisedApplication App => programs.App;

    [Fact]
    public async Task Restarts_a_killed_process_and_says_why()
    {
        var (before, other) = (await App.StartAsync("killed"), await App.StartAsync("other"));

        await Signals.SendAsync("KILL", ProcessId(before.Snapshot));
        var after = await App.WaitForRestartsAsync("killed", 1);

        Assert.NotEqual(ProcessId(before.Snapshot), ProcessId(after));
        Assert.Equal("it was killed (SIGKILL)", Property(after, "supervisor.reason"));
        Assert.Equal(before.ResourceId, (await App.RunningAsync("killed")).ResourceId);
        await App.WaitForLineAsync("killed", "is restarted because it was killed (SIGKILL) (restart 1)");
        Assert.Equal(ProcessId(other.Snapshot), ProcessId(await App.RowAsync("other")));
    }

    [Fact]
    public async Task Starts_a_killed_process_once_though_it_waits_for_another()
    {
        const int kills = 3;
        await App.StartAsync("other");
        var row = (await App.StartAsync("patient")).Snapshot;

        for (var kill = 1; kill <= kills; kill++)
        {
            await WaitForStartsAsync("patient", kill);
            await Signals.SendAsync("KILL", ProcessId(row));
            row = await App.WaitForRestartsAsync("patient", kill);
        }

        await App.WaitForLineAsync("patient", $"(restart {kills})");
        await WaitForStartsAsync("patient", kills + 1);
        Assert.Equal(kills + 1, Starts("patient"));
    }

    [Fact]
    public async Task Leaves_alone_what_is_done_or_was_stopped()
    {
        Assert.True((await App.ExecuteAsync("done", KnownResourceCommands.StartCommand)).Success);
        var stopped = await App.StartAsync("stopped");
        await App.WaitForStateAsync("done", KnownResourceStates.Finished);

        var result = await App.ExecuteAsync("stopped", KnownResourceCommands.StopCommand);
        Assert.True(result.Success, result.Message);
        await App.WaitAsync("stopped", IsOver);

        // Reports are taken in one after another: what comes later was seen after those two ends.
        await App.StartAsync("flicker");
        await App.WaitForRestartsAsync("flicker", 2);
        Assert.True((await App.ExecuteAsync("flicker", KnownResourceCommands.StopCommand)).Success);
        Assert.Equal(KnownResourceStates.Finished, (await App.RowAsync("done")).State?.Text);
        Assert.True(IsOver(await App.RowAsync("stopped")));
        Assert.False(IsAlive(ProcessId(stopped.Snapshot)));
    }

    [Fact]
    public async Task Backs_off_gives_up_and_is_revived_by_a_start()
    {
        var first = App.WaitAsync(
            "failing",
            row => row.State is { Text: "Backoff", Style: "warning" } && Equals(Property(row, "supervisor.attempt"), 1));
        var second = App.WaitAsync("failing", row => row.State?.Text == "Backoff" && Equals(Property(row, "supervisor.attempt"), 2));

        Assert.True((await App.ExecuteAsync("failing", KnownResourceCommands.StartCommand)).Success);
        Assert.NotNull(Property((await first).Snapshot, "supervisor.nextTry"));
        Assert.Equal("it exited with code 3", Property((await second).Snapshot, "supervisor.reason"));
        var fatal = await App.WaitAsync("failing", row => row.State is { Text: "Fatal", Style: "error" });
        Assert.Null(Property(fatal.Snapshot, "supervisor.nextTry"));
        await App.WaitForLineAsync("failing", "is given up after 3 failed starts, the last because it exited with code 3");

        await File.WriteAllTextAsync(programs.Flag("failing"), "");
        var revived = await App.StartAsync("failing");
        Assert.Null(Property(revived.Snapshot, "supervisor.reason"));
    }

    [Fact]
    public async Task Does_not_try_again_what_somebody_stopped_while_it_waited()
    {
        Assert.True((await App.ExecuteAsync("waiting", KnownResourceCommands.StartCommand)).Success);
        await App.WaitForStateAsync("waiting", "Backoff");

        var result = await App.ExecuteAsync("waiting", KnownResourceCommands.StopCommand);

        Assert.True(result.Success, result.Message);
        await App.WaitAsync("waiting", row => IsOver(row) && Property(row, "supervisor.nextTry") is null);
    }

    [Fact]
    public async Task Gives_up_what_cannot_be_started_at_all()
    {
        await App.ExecuteAsync("nowhere", KnownResourceCommands.StartCommand);

        var fatal = await App.WaitForStateAsync("nowhere", "Fatal");
        Assert.Equal("it could not be started", Property(fatal, "supervisor.reason"));
    }

    [Fact]
    public async Task Gives_up_what_never_answers()
    {
        Assert.True((await App.ExecuteAsync("sick", KnownResourceCommands.StartCommand)).Success);

        var fatal = await App.WaitForStateAsync("sick", "Fatal");
        Assert.StartsWith("it gave no answer for", (string?)Property(fatal, "supervisor.reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_a_process_alone_while_a_debugger_is_attached()
    {
        var debugged = await App.StartAsync("debugged");
        Assert.True((await App.ExecuteAsync("mute", KnownResourceCommands.StartCommand)).Success);

        await App.WaitForStateAsync("mute", "Fatal");
        Assert.True(IsAlive(ProcessId(debugged.Snapshot)));
        File.Delete(programs.Flag("clr-debug-pipe-1"));

        var fatal = await App.WaitForStateAsync("debugged", "Fatal");
        Assert.StartsWith("it gave no answer for", (string?)Property(fatal, "supervisor.reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replaces_a_process_whose_children_hold_too_much_memory()
    {
        await App.ExecuteAsync("leaking", KnownResourceCommands.StartCommand);

        var after = await App.WaitForRestartsAsync("leaking", 1);
        Assert.Matches("^it holds [0-9]+ MiB, more than the limit of 40 MiB$", (string?)Property(after, "supervisor.reason"));
        Assert.True(File.Exists(programs.Flag("drained")), "The stop signal did not reach the process.");
    }

    [Fact]
    public async Task Ends_what_a_process_left_behind_in_a_session_of_its_own()
    {
        var parent = await App.StartAsync("parent");
        await UntilAsync(() => File.Exists(programs.Flag("child")));
        using var deadline = new CancellationTokenSource(Deadline);
        using var child =
            Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(programs.Flag("child")), CultureInfo.InvariantCulture));
        var mark = Leftovers.MarkOf(ProcessId(parent.Snapshot));
        await Signals.SendAsync("KILL", ProcessId(parent.Snapshot));

        await child.WaitForExitAsync(deadline.Token);
        var successor = ProcessId(await App.WaitForRestartsAsync("parent", 1));
        Assert.True(IsAlive(successor));
        Assert.NotNull(mark);
        Assert.NotEqual(mark, Leftovers.MarkOf(successor));
    }

    [Fact]
    public async Task Replaces_an_old_process()
    {
        await App.StartAsync("old");

        Assert.StartsWith(
            "it has run for",
            (string?)Property(await App.WaitForRestartsAsync("old", 1), "supervisor.reason"),
            StringComparison.Ordinal);
        Assert.True((await App.ExecuteAsync("old", KnownResourceCommands.StopCommand)).Success);
    }

    [Fact]
    public async Task Counts_restarts_by_resource_and_reason()
    {
        var counted = new TaskCompletionSource<(long Count, string? Reason)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "supervisor.restarts" && instrument.Meter.Name == "Aspire.Hosting.Supervisor")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            var values = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value as string);
            if (values["resource"] == "counted")
            {
                counted.TrySetResult((count, values["reason"]));
            }
        });
        listener.Start();

        await Signals.SendAsync("KILL", ProcessId((await App.StartAsync("counted")).Snapshot));

        Assert.Equal((1, "exit"), await counted.Task.WaitAsync(Deadline));
    }

    [Fact]
    public async Task Reloads_everything_each_in_its_own_way()
    {
        await App.StartAsync("reloaded");
        var own = await App.StartAsync("reloads-itself");

        await App.ReloadEverythingAsync();

        Assert.Equal("a reload was asked for", Property(await App.WaitForRestartsAsync("reloaded", 1), "supervisor.reason"));
        Assert.Equal(1, programs.OwnReloads);
        Assert.Equal(ProcessId(own.Snapshot), ProcessId(await App.RowAsync("reloads-itself")));
    }

    /// <summary>Waits until a program has run so often that it has written a line each time.</summary>
    private Task WaitForStartsAsync(string name, int count) => UntilAsync(() => Starts(name) >= count);

    private int Starts(string name) => File.Exists(programs.Flag(name)) ? File.ReadAllLines(programs.Flag(name)).Length : 0;

    /// <remarks>A file that a program writes raises no event that is certain to come.</remarks>
    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
        }
    }

    /// <summary>An application whose programs each test starts by itself.</summary>
    public sealed class Programs : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("supervisor-");
        private SupervisedApplication? _app;
        private int _ownReloads;

        internal SupervisedApplication App => _app!;

        internal int OwnReloads => _ownReloads;

        internal string Flag(string name) => Path.Join(_folder.FullName, name);

        public async Task InitializeAsync() => _app = await SupervisedApplication.StartAsync(Declare);

        public async Task DisposeAsync()
        {
            await App.DisposeAsync();
            _folder.Delete(recursive: true);
        }

        private void Declare(IDistributedApplicationBuilder builder)
        {
            var always = SupervisorAutorestart.Always;
            Add(builder, "killed", Forever, s => s with { StartSeconds = 0 });
            var other = Add(builder, "other", Forever);
            Add(builder, "patient", $"echo $$ >> {Flag("patient")}; {Forever}", s => s with { StartSeconds = 0 }).WaitFor(other);
            Add(builder, "done", "exit 0");
            Add(builder, "stopped", Forever, s => s with { Autorestart = always });
            Add(builder, "flicker", "sleep 0.1", s => s with { Autorestart = always, StartSeconds = 0 });
            Add(
                builder,
                "failing",
                $"[ -f {Flag("failing")} ] || exit 3; {Forever}",
                s => s with { StartRetries = 2, Backoff = new() { Initial = TimeSpan.FromMilliseconds(20) } });
            Add(
                builder,
                "waiting",
                "exit 3",
                s => s with { Backoff = new() { Initial = TimeSpan.FromMinutes(10), Cap = TimeSpan.FromMinutes(10) } });
            Add(builder, "counted", Forever, s => s with { StartSeconds = 0 });
            Add(builder, "old", Forever, s => s with { MaxLifetime = TimeSpan.FromSeconds(1), StartSeconds = 0 });
            // The memory is that of a child.
            Add(
                builder, "leaking",
                $"[ -f {Flag("leaking")} ] || {{ touch {Flag("leaking")}; ( {{ head -c 60000000 /dev/zero; sleep 1000; }} | tail ) & }}; "
                + $"trap 'touch {Flag("drained")}; exit 0' TERM; while :; do sleep 0.1; done",
                s => s with { MemoryLimit = 40 << 20, StartSeconds = 0 });
            Add(
                builder, "parent",
                $"setsid sh -c 'trap \"\" TERM; echo $$ > {Flag("child")}.new; mv {Flag("child")}.new {Flag("child")}; "
                + $"while :; do sleep 0.1; done' & {Forever}",
                s => s with { StartSeconds = 0 });
            Add(builder, "reloaded", Forever, s => s with { StartSeconds = 0 });
            Shell(builder, "reloads-itself", Forever).WithExplicitStart()
                .WithCommand("reload", "Reload", _ =>
                {
                    Interlocked.Increment(ref _ownReloads);
                    return Task.FromResult(CommandResults.Success());
                }, new CommandOptions())
                .WithSupervisor();
            builder.AddExecutable("nowhere", "/nowhere/at-all", ".").WithExplicitStart()
                .WithSupervisor(s => s with { StartRetries = 1, Backoff = new() { Initial = TimeSpan.Zero } });
            builder.Services.AddHealthChecks().AddCheck("never", HealthCheckResult () => throw new IOException("no answer"));
            AddMute(builder, "sick", Forever);
            AddMute(builder, "mute", Forever);
            // What a .NET process that is debugged holds open.
            AddMute(builder, "debugged", $"exec 3<>{Flag("clr-debug-pipe-1")}; {Forever}");
        }

        private static void AddMute(IDistributedApplicationBuilder builder, string name, string script) =>
            Shell(builder, name, script).WithExplicitStart().WithHealthCheck("never").WithSupervisor(s => s with
            {
                StartRetries = 0,
                HealthyTimeout = TimeSpan.FromSeconds(1),
                Watchdog = new() { Timeout = TimeSpan.FromMilliseconds(100) },
            });

        private static IResourceBuilder<ExecutableResource> Add(
            IDistributedApplicationBuilder builder,
            string name,
            string script,
            Func<SupervisorOptions, SupervisorOptions>? configure = null) =>
            Shell(builder, name, script).WithExplicitStart().WithSupervisor(configure);
    }
}
