using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FlaskStack.Tests.Hosting.Orchestration;

/// <summary>Replicas that are added and taken away while the application runs.</summary>
public sealed class ScaleTests
{
    private const string Forever = "while :; do sleep 1; done";
    private const string Up = "scale-up";
    private const string Down = "scale-down";

    [Fact]
    public async Task Keeps_spare_replicas_out_of_sight_and_out_of_the_group()
    {
        await using var app = await StartAsync(replicas: 2, maximum: 4);

        var group = await app.Rows.WaitForResourceHealthyAsync("web").WaitAsync(RunningApplication.Deadline);

        Assert.Equal((2, 4), Counts(group.Snapshot));
        var spares = Rows(app).Where(row => row.Snapshot.IsHidden).ToArray();
        Assert.Equal(2, spares.Length);
        Assert.All(spares, spare => Assert.Equal(KnownResourceStates.NotStarted, spare.Snapshot.State?.Text));
    }

    [Fact]
    public async Task Starts_and_shows_one_more_replica()
    {
        await using var app = await StartAsync(replicas: 1, maximum: 2);
        await app.Rows.WaitForResourceHealthyAsync("web").WaitAsync(RunningApplication.Deadline);

        await app.ExecuteAsync("web", Up);

        var group = await app.WaitForAsync("web", row => row.ResourceId == "web" && row.Snapshot.HealthStatus == Healthy && Counts(row.Snapshot) == (2, 2));
        Assert.Equal(KnownResourceStates.Running, group.Snapshot.State?.Text);
        Assert.Equal(2, Visible(app).Count(row => row.Snapshot.State?.Text == KnownResourceStates.Running));
    }

    [Fact]
    public async Task Stops_and_hides_the_last_replica()
    {
        await using var app = await StartAsync(replicas: 2, maximum: 3);
        await app.Rows.WaitForResourceHealthyAsync("web").WaitAsync(RunningApplication.Deadline);
        var last = Visible(app)[^1];

        await app.ExecuteAsync("web", Down);

        Assert.True(app.Rows.TryGetCurrentState(last.ResourceId, out var row));
        Assert.True(row.Snapshot.IsHidden);
        Assert.Equal(KnownResourceStates.NotStarted, row.Snapshot.State?.Text);
        Assert.True(app.Rows.TryGetCurrentState("web", out var group));
        Assert.Equal((1, 3), Counts(group.Snapshot));
        Assert.Equal(Healthy, group.Snapshot.HealthStatus);
    }

    [Fact]
    public async Task Says_that_there_may_be_no_more_and_no_fewer()
    {
        await using var app = await StartAsync(replicas: 1, maximum: 2);
        await app.Rows.WaitForResourceHealthyAsync("web").WaitAsync(RunningApplication.Deadline);

        var fewer = await app.TryExecuteAsync("web", Down, CancellationToken.None);
        await app.ExecuteAsync("web", Up);
        var more = await app.TryExecuteAsync("web", Up, CancellationToken.None);

        Assert.Equal((false, "'web' has 1 of at most 2 replicas, and may not have fewer."), (fewer.Success, fewer.Message));
        Assert.Equal((false, "'web' has 2 of at most 2 replicas, and may have no more."), (more.Success, more.Message));
    }

    [Fact]
    public async Task Starts_no_spare_with_the_group_or_by_its_own_name()
    {
        await using var app = await StartAsync(replicas: 1, maximum: 2);
        await app.Rows.WaitForResourceHealthyAsync("web").WaitAsync(RunningApplication.Deadline);
        var spare = Rows(app).Single(row => row.Snapshot.IsHidden);

        await app.ExecuteAsync("web", KnownResourceCommands.StopCommand);
        await app.ExecuteAsync("web", KnownResourceCommands.StartCommand);
        var alone = await app.TryExecuteAsync(spare.ResourceId, KnownResourceCommands.StartCommand, CancellationToken.None);

        Assert.False(alone.Success);
        Assert.Contains("is a spare replica of 'web': scale up to use it.", alone.Message, StringComparison.Ordinal);
        Assert.True(app.Rows.TryGetCurrentState(spare.ResourceId, out var row));
        Assert.Equal(KnownResourceStates.NotStarted, row.Snapshot.State?.Text);
    }

    [Fact]
    public async Task Does_not_wait_for_spares_to_complete()
    {
        await using var app = await RunningApplication.StartAsync(builder =>
        {
            var migration = Replicated(builder.AddExecutable("migration", "sh", ".", "-c", "exit 0"), replicas: 1, maximum: 2);
            builder.AddExecutable("server", "sh", ".", "-c", Forever).WaitForCompletion(migration);
        });

        await app.WaitForAsync("server", KnownResourceStates.Running);
    }

    private static HealthStatus Healthy => HealthStatus.Healthy;

    private static Task<RunningApplication> StartAsync(int replicas, int maximum) =>
        RunningApplication.StartAsync(builder => Replicated(builder.AddExecutable("web", "sh", ".", "-c", Forever), replicas, maximum));

    private static IResourceBuilder<ExecutableResource> Replicated(IResourceBuilder<ExecutableResource> resource, int replicas, int maximum) =>
        resource.WithAnnotation(new ReplicaAnnotation(replicas)).WithInitialState(new()
        {
            ResourceType = "Executable",
            Properties = [new("replicas.max", maximum)],
        });

    private static (int? Now, int? Maximum) Counts(CustomResourceSnapshot group) => (Value(group, "replicas"), Value(group, "replicas.max"));

    private static int? Value(CustomResourceSnapshot snapshot, string property) => snapshot.Properties.FirstOrDefault(p => p.Name == property)?.Value as int?;

    private static ResourceEvent[] Visible(RunningApplication app) => [.. Rows(app).Where(row => !row.Snapshot.IsHidden)];

    /// <summary>All rows of the replicas, in their order.</summary>
    private static ResourceEvent[] Rows(RunningApplication app) =>
        [.. app.Rows.GetRows("web").Where(row => row.Id != "web").Select(row => row.Last!.Event)];
}
