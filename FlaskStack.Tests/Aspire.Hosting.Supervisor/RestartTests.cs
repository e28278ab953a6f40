using System.Diagnostics.Metrics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using static FlaskStack.Tests.Supervisor.SupervisedApplication;

namespace FlaskStack.Tests.Supervisor;

public sealed class RestartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("supervisor-");

    private string Flag => Path.Join(_folder.FullName, "flag");

    [Fact]
    public async Task Restarts_a_killed_process_and_says_why()
    {
        await using var app = await StartAsync(builder => Shell(builder, "worker", Forever).WithSupervisor(s => s with { StartSeconds = 0 }));
        var before = await app.WaitForStateAsync("worker", KnownResourceStates.Running);

        await Signals.SendAsync("KILL", ProcessId(before));
        var after = await app.WaitForRestartsAsync("worker", 1);

        Assert.NotEqual(ProcessId(before), ProcessId(after));
        Assert.Equal("it was killed (SIGKILL)", Property(after, "supervisor.reason"));
        Assert.NotNull(Property(after, "supervisor.runningSince"));
        await app.WaitForLineAsync("worker", "is restarted because it was killed (SIGKILL) (restart 1)");
    }

    [Fact]
    public async Task Restarts_one_replica_and_leaves_the_others_alone()
    {
        await using var app = await StartAsync(builder =>
            Shell(builder, "worker", Forever).WithAnnotation(new ReplicaAnnotation(3)).WithSupervisor(s => s with { StartSeconds = 0 }));
        var before = await app.WaitForReplicasAsync("worker", 3);

        await Signals.SendAsync("KILL", ProcessId(before[1].Snapshot));
        await app.WaitForRestartsAsync(before[1].ResourceId, 1);

        Assert.Equal(ProcessId(before[0].Snapshot), ProcessId(app.Row(before[0].ResourceId).Snapshot));
        Assert.Equal(ProcessId(before[2].Snapshot), ProcessId(app.Row(before[2].ResourceId).Snapshot));
    }

    [Fact]
    public async Task Leaves_alone_what_is_done_or_was_stopped()
    {
        await using var app = await StartAsync(builder =>
        {
            Shell(builder, "done", "exit 0").WithSupervisor();
            Shell(builder, "stopped", Forever).WithSupervisor(s => s with { Autorestart = SupervisorAutorestart.Always });
            Shell(builder, "other", "sleep 0.1").WithSupervisor(s => s with { Autorestart = SupervisorAutorestart.Always, StartSeconds = 0 });
        });
        await app.WaitForStateAsync("done", KnownResourceStates.Finished);
        await app.WaitForStateAsync("stopped", KnownResourceStates.Running);

        Assert.True((await app.ExecuteAsync("stopped", KnownResourceCommands.StopCommand)).Success);
        var seen = (int)Property((await app.WaitForRestartsAsync("other", 1)), "supervisor.restarts")!;
        await app.WaitForRestartsAsync("other", seen + 3);

        Assert.Equal(KnownResourceStates.Finished, app.Row("done").Snapshot.State?.Text);
        Assert.Equal(KnownResourceStates.Exited, app.Row("stopped").Snapshot.State?.Text);
    }

    [Fact]
    public async Task Backs_off_gives_up_and_is_revived_by_a_start()
    {
        await using var app = await StartAsync(builder =>
            Shell(builder, "worker", $"[ -f {Flag} ] || exit 3; {Forever}").WithExplicitStart().WithSupervisor(s => s with
            {
                StartRetries = 2,
                Backoff = new() { Initial = TimeSpan.FromMilliseconds(20) },
            }));
        var first = app.WaitAsync("worker", row => row.State is { Text: "Backoff", Style: "warning" } && Equals(Property(row, "supervisor.attempt"), 1));
        var second = app.WaitAsync("worker", row => row.State?.Text == "Backoff" && Equals(Property(row, "supervisor.attempt"), 2));

        Assert.True((await app.ExecuteAsync("worker", KnownResourceCommands.StartCommand)).Success);
        Assert.NotNull(Property((await first).Snapshot, "supervisor.nextTry"));
        Assert.Equal("it exited with code 3", Property((await second).Snapshot, "supervisor.reason"));
        var fatal = await app.WaitAsync("worker", row => row.State is { Text: "Fatal", Style: "error" });
        Assert.Null(Property(fatal.Snapshot, "supervisor.nextTry"));
        await app.WaitForLineAsync("worker", "is given up after 3 failed starts, the last because it exited with code 3");

        await File.WriteAllTextAsync(Flag, "");
        Assert.True((await app.ExecuteAsync("worker", KnownResourceCommands.StartCommand)).Success);
        await app.WaitAsync("worker", row => row.State?.Text == KnownResourceStates.Running && Property(row, "supervisor.reason") is null);
    }

    [Fact]
    public async Task Does_not_try_again_what_somebody_stopped_while_it_waited()
    {
        await using var app = await StartAsync(builder =>
            Shell(builder, "worker", "exit 3").WithSupervisor(s => s with { Backoff = new() { Initial = TimeSpan.FromMinutes(10), Cap = TimeSpan.FromMinutes(10) } }));
        await app.WaitForStateAsync("worker", "Backoff");

        var result = await app.ExecuteAsync("worker", KnownResourceCommands.StopCommand);

        Assert.True(result.Success, result.Message);
        await app.WaitAsync("worker", row => row.State?.Text == KnownResourceStates.Exited && Property(row, "supervisor.nextTry") is null);
    }

    [Fact]
    public async Task Gives_up_what_cannot_be_started_at_all()
    {
        await using var app = await StartAsync(builder =>
            builder.AddExecutable("worker", "/nowhere/at-all", ".").WithSupervisor(s => s with { StartRetries = 1, Backoff = new() { Initial = TimeSpan.Zero } }));

        await app.WaitForStateAsync("worker", "Fatal");
    }

    [Fact]
    public async Task Counts_restarts_by_resource_and_reason()
    {
        var counted = new TaskCompletionSource<(long Count, string? Reason)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "flaskstack.supervisor.restarts" && instrument.Meter.Name == "Aspire.Hosting.Supervisor")
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
        await using var app = await StartAsync(builder => Shell(builder, "counted", $"[ -f {Flag} ] && {{ {Forever}; }}; touch {Flag}; exit 9").WithSupervisor(s => s with { StartSeconds = 0 }));

        Assert.Equal((1, "exit"), await counted.Task.WaitAsync(Deadline));
    }

    [Fact]
    public async Task Kills_what_ignores_the_stop_signal_when_its_time_is_over()
    {
        await using var app = await StartAsync(builder =>
            Shell(builder, "worker", $"trap '' TERM; sleep 1000 & echo child=$!.; while :; do sleep 1; done").WithSupervisor(s => s with { StopWaitSeconds = 0.3 }));
        var line = await app.WaitForLineAsync("worker", "child=");
        var child = int.Parse(line[(line.LastIndexOf('=') + 1)..^1], System.Globalization.CultureInfo.InvariantCulture);
        await app.WaitForStateAsync("worker", KnownResourceStates.Running);

        // Far less than a host gives that was told nothing.
        Assert.True((await app.ExecuteAsync("worker", KnownResourceCommands.StopCommand).WaitAsync(TimeSpan.FromSeconds(20))).Success);

        Assert.Equal(137, (await app.WaitForStateAsync("worker", KnownResourceStates.Exited)).ExitCode);
        Assert.False(IsAlive(child));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
