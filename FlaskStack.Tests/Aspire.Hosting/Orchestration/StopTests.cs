using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Orchestration;

/// <summary>How an end is told, how long a stop may take, and what may follow an end.</summary>
public sealed class StopTests
{
    private const string Forever = "while :; do sleep 1; done";

    [Fact]
    public async Task Tells_an_end_by_itself_from_one_that_was_asked_for()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            Shell(builder, "job", "exit 3");
            Shell(builder, "server", Forever);
        });

        Assert.Equal("exit", EndedBy(await app.WaitForAsync("job", KnownResourceStates.Exited)));
        Assert.Null(EndedBy(await app.WaitForAsync("server", KnownResourceStates.Running)));

        await app.ExecuteAsync("server", KnownResourceCommands.StopCommand);
        Assert.Equal("stop", EndedBy(await app.WaitForAsync("server", KnownResourceStates.Exited)));

        await app.ExecuteAsync("server", KnownResourceCommands.StartCommand);
        Assert.Null(EndedBy(await app.WaitForAsync("server", KnownResourceStates.Running)));
    }

    [Fact]
    public async Task Kills_the_whole_tree_when_the_wait_that_the_resource_names_is_over()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
            Shell(builder, "server", $"trap '' TERM; sleep 1000 & echo child=$!; {Forever}").WithInitialState(new()
            {
                ResourceType = "Executable",
                Properties = [new("executable.stopWaitSeconds", 0.2)],
            }));
        var line = (await app.WaitForLineAsync("server", "child=")).Content;
        var child = int.Parse(line[(line.LastIndexOf('=') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        await app.WaitForAsync("server", KnownResourceStates.Running);

        await app.ExecuteAsync("server", KnownResourceCommands.StopCommand);

        var ended = await app.WaitForAsync("server", KnownResourceStates.Exited);
        Assert.Equal(137, ended.ExitCode);
        Assert.False(ProcessTable.Read(child) is { IsAlive: true });
    }

    [Fact]
    public async Task Finishes_a_restart_that_nobody_waits_for_any_more()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
            Shell(builder, "server", $"trap 'sleep 0.5; exit 0' TERM; echo armed; {Forever}"));
        await app.WaitForLineAsync("server", "armed");
        var before = ProcessId(await app.WaitForAsync("server", KnownResourceStates.Running));
        using var gone = new CancellationTokenSource();

        var restart = app.TryExecuteAsync("server", KnownResourceCommands.RestartCommand, gone.Token);
        await app.WaitForAsync("server", KnownResourceStates.Stopping);
        await gone.CancelAsync();

        Assert.True((await restart).Canceled);
        await app.WaitForAsync("server", row => row.Snapshot.State?.Text == KnownResourceStates.Running && ProcessId(row.Snapshot) != before);
    }

    [Theory]
    [InlineData("start")]
    [InlineData("restart")]
    public async Task Can_be_started_whatever_its_end_is_called(string command)
    {
        await using var app = await RunningApplication.StartAsync(builder => Shell(builder, "job", "exit 1"));
        var ended = await app.WaitForAsync("job", row => row.Snapshot.State?.Text == KnownResourceStates.Exited);
        await app.Rows.PublishUpdateAsync(ended.Resource, ended.ResourceId, snapshot => snapshot with { State = "Backoff" });

        await app.ExecuteAsync("job", command);

        var again = await app.WaitForAsync("job", row => row.Snapshot.State?.Text == KnownResourceStates.Exited && row.Snapshot.StopTimeStamp > ended.Snapshot.StopTimeStamp);
        Assert.Equal("exit", EndedBy(again.Snapshot));
    }

    [Fact]
    public async Task Gives_up_the_next_try_when_it_is_stopped()
    {
        await using var app = await RunningApplication.StartAsync(builder => Shell(builder, "job", "exit 1"));
        var ended = await app.WaitForAsync("job", row => row.Snapshot.State?.Text == KnownResourceStates.Exited);
        await app.Rows.PublishUpdateAsync(ended.Resource, ended.ResourceId, snapshot => snapshot with { State = "Backoff" });

        await app.ExecuteAsync("job", KnownResourceCommands.StopCommand);

        Assert.Equal("stop", EndedBy(await app.WaitForAsync("job", KnownResourceStates.Exited)));
    }

    [Fact]
    public async Task Can_be_started_by_whoever_sees_the_end()
    {
        const int lives = 20;
        await using var app = await RunningApplication.StartAsync(builder => Shell(builder, "job", "exit 1"));
        DateTime? seen = null;

        for (var life = 0; life < lives; life++)
        {
            var ended = await app.WaitForAsync("job", row => row.Snapshot.State?.Text == KnownResourceStates.Exited && row.Snapshot.StopTimeStamp != seen);
            seen = ended.Snapshot.StopTimeStamp;
            await app.ExecuteAsync("job", KnownResourceCommands.StartCommand);
        }

        await app.WaitForAsync("job", row => row.Snapshot.State?.Text == KnownResourceStates.Exited && row.Snapshot.StopTimeStamp != seen);
    }

    private static IResourceBuilder<ExecutableResource> Shell(IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "sh", ".", "-c", script);

    private static string? EndedBy(CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == "executable.endedBy")?.Value as string;

    private static int? ProcessId(CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value as int?;
}
