using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using static Aspire.Hosting.Supervisor.Tests.SupervisedApplication;

namespace Aspire.Hosting.Supervisor.Tests;

/// <summary>The orchestrator alone gives every process six seconds.</summary>
public sealed class StopTests : IDisposable
{
    private const string Slow = $"trap 'sleep 8; echo goodbye > $0; exit 0' TERM; {SayReady}; while :; do sleep 0.1; done";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("supervisor-");

    private string Goodbye => Path.Join(_folder.FullName, "goodbye");

    [Fact]
    public async Task Gives_a_process_its_time_at_a_stop()
    {
        await using var app = await StartAsync(builder => builder.AddExecutable("slow", "sh", ".", "-c", Slow, Goodbye).WithSupervisor());
        await app.RunningAsync("slow");
        await app.WaitForLineAsync("slow", Ready);

        var result = await app.ExecuteAsync("slow", KnownResourceCommands.StopCommand);

        Assert.True(result.Success, result.Message);
        Assert.True(File.Exists(Goodbye));
        Assert.Equal(0, (await app.WaitAsync("slow", IsOver)).Snapshot.ExitCode);
    }

    [Fact]
    public async Task Gives_a_process_its_time_at_the_end_of_the_application()
    {
        await using (var app = await StartAsync(builder => builder.AddExecutable("slow", "sh", ".", "-c", Slow, Goodbye).WithSupervisor()))
        {
            await app.RunningAsync("slow");
            await app.WaitForLineAsync("slow", Ready);
        }

        Assert.True(File.Exists(Goodbye));
    }

    [Fact]
    public async Task Kills_what_ignores_the_signal_when_its_time_is_over()
    {
        await using var app = await StartAsync(builder =>
            Shell(builder, "stubborn", "trap '' TERM; sleep 1000 & echo chi''ld=$!.; while :; do sleep 1; done")
                .WithSupervisor(s => s with { StopWaitSeconds = 0.3 }));
        var row = await app.RunningAsync("stubborn");
        var line = await app.WaitForLineAsync("stubborn", "child=");
        var child = int.Parse(line[(line.LastIndexOf('=') + 1)..^1], CultureInfo.InvariantCulture);
        var watch = Stopwatch.StartNew();

        var result = await app.ExecuteAsync("stubborn", KnownResourceCommands.StopCommand);

        Assert.True(result.Success, result.Message);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.3, 6);
        Assert.False(IsAlive(ProcessId(row.Snapshot)));
        Assert.False(IsAlive(child));
        await app.WaitForLineAsync("stubborn", "did not end within 0.3 s of the signal to stop");
        Assert.True(IsOver((await app.WaitAsync("stubborn", IsOver)).Snapshot));
    }

    [Fact]
    public async Task Stops_what_depends_on_others_first()
    {
        var order = Path.Join(_folder.FullName, "order");
        await using (var app = await StartAsync(builder =>
        {
            string Says(string name) => $"trap 'sleep 0.3; echo {name} >> {order}; exit 0' TERM; {SayReady}; while :; do sleep 0.1; done";
            var backend = Shell(builder, "backend", Says("backend")).WithSupervisor();
            Shell(builder, "frontend", Says("frontend")).WaitFor(backend).WithSupervisor(s => s with { StopSignal = "SIGTERM" });
        }))
        {
            await app.RunningAsync("frontend");
            await app.RunningAsync("backend");
            await app.WaitForLineAsync("frontend", Ready);
            await app.WaitForLineAsync("backend", Ready);
        }

        Assert.Equal(["frontend", "backend"], await File.ReadAllLinesAsync(order));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
