using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using static Aspire.Hosting.Supervisor.Tests.SupervisedApplication;

namespace Aspire.Hosting.Supervisor.Tests;

/// <summary>A container as the supervisor sees it: rows and commands, and no process.</summary>
public sealed class ContainerTests
{
    private const string Id = "cache-1";

    private static readonly DateTime Midnight = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly ContainerResource _cache = new("cache");
    private readonly Channel<string> _commands = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task Starts_a_container_that_ended()
    {
        await using var app = await StartAsync();
        await ShowAsync(app, KnownResourceStates.Running, Midnight);

        await ShowAsync(app, KnownResourceStates.Exited, Midnight, exitCode: 1);

        Assert.Equal(KnownResourceCommands.StartCommand, await NextCommandAsync());
        await ShowAsync(app, KnownResourceStates.Running, Midnight.AddMinutes(1));
        var row = await app.WaitAsync("cache", row => IsRunning(row) && Restarts(row) == 1);
        Assert.Equal("it exited with code 1", Property(row.Snapshot, "supervisor.reason"));
    }

    [Fact]
    public async Task Reloads_a_container_by_its_restart()
    {
        await using var app = await StartAsync();
        await ShowAsync(app, KnownResourceStates.Running, Midnight);
        await app.WaitAsync("cache", row => Property(row, "supervisor.runningSince") is not null);

        var reload = app.ExecuteAsync("cache", "reload");

        Assert.Equal(KnownResourceCommands.RestartCommand, await NextCommandAsync());
        await ShowAsync(app, KnownResourceStates.Exited, Midnight);
        await ShowAsync(app, KnownResourceStates.Running, Midnight.AddMinutes(1));
        Assert.True((await reload).Success);
    }

    private Task<SupervisedApplication> StartAsync() => SupervisedApplication.StartAsync(builder =>
    {
        var cache = builder.AddResource(_cache);
        AddCommand(cache, KnownResourceCommands.StartCommand);
        AddCommand(cache, KnownResourceCommands.StopCommand);
        AddCommand(cache, KnownResourceCommands.RestartCommand);
        cache.WithSupervisor(s => s with { StartSeconds = 0 });
    });

    private void AddCommand(IResourceBuilder<ContainerResource> cache, string name) => cache.WithCommand(
        name,
        name,
        _ => Task.FromResult(new ExecuteCommandResult { Success = _commands.Writer.TryWrite(name) }),
        new CommandOptions());

    private Task<string> NextCommandAsync() => _commands.Reader.ReadAsync().AsTask().WaitAsync(Deadline);

    private Task ShowAsync(SupervisedApplication app, string state, DateTime startedAt, int? exitCode = null) =>
        app.Rows.PublishUpdateAsync(_cache, Id, row => row with { State = state, StartTimeStamp = startedAt, ExitCode = exitCode });
}
