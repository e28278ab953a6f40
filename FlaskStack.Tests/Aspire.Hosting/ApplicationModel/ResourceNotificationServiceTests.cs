using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FlaskStack.Tests.Hosting.ApplicationModel;

public sealed class ResourceNotificationServiceTests : IDisposable
{
    private readonly ModelFixture _model = new();
    private readonly SampleResource _api = new("api");

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task The_first_update_starts_from_the_initial_snapshot_and_is_stamped()
    {
        _api.With(new ResourceSnapshotAnnotation(new CustomResourceSnapshot { ResourceType = "Sample", Properties = [new("a", 1)] }));

        await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);

        var snapshot = _model.Current("api");
        Assert.Equal("Sample", snapshot.ResourceType);
        Assert.Equal(new ResourcePropertySnapshot("a", 1), Assert.Single(snapshot.Properties));
        Assert.Equal(_model.Clock.GetUtcNow().UtcDateTime, snapshot.CreationTimeStamp);
        Assert.Equal(_model.Clock.GetUtcNow().UtcDateTime, snapshot.StartTimeStamp);
        Assert.Null(snapshot.StopTimeStamp);
    }

    [Fact]
    public async Task Updates_of_one_row_from_many_threads_lose_nothing()
    {
        const int PerThread = 500;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < PerThread; i++)
            {
                await _model.Notifications.PublishUpdateAsync(_api, "api", snapshot => snapshot with { ExitCode = (snapshot.ExitCode ?? 0) + 1 });
            }
        })));

        Assert.Equal(4 * PerThread, _model.Current("api").ExitCode);
    }

    [Fact]
    public async Task An_update_without_an_instance_reaches_every_row()
    {
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);
        await _model.SetStateAsync(_api, "api-two", KnownResourceStates.Running);

        await _model.Notifications.PublishUpdateAsync(_api, snapshot => snapshot with { State = KnownResourceStates.Stopping });

        Assert.All(["api-one", "api-two"], id => Assert.Equal("Stopping", _model.Current(id).State?.Text));
        Assert.False(_model.Notifications.TryGetCurrentState("api", out _));
    }

    [Fact]
    public async Task An_update_before_the_first_row_goes_to_the_instances_that_are_to_come()
    {
        _api.With(new ResourceInstancesAnnotation(["api-one"]));

        await _model.Notifications.PublishUpdateAsync(_api, snapshot => snapshot with { State = KnownResourceStates.Starting });

        Assert.True(_model.Notifications.TryGetCurrentState("api", out var state));
        Assert.Equal("api-one", state.ResourceId);
    }

    [Fact]
    public async Task A_watch_gives_the_current_states_in_order_and_then_the_changes()
    {
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Starting);
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Starting);
        await using var watch = _model.Notifications.WatchAsync(ModelFixture.Deadline).GetAsyncEnumerator();

        Assert.Equal(("api", "Starting"), await NextAsync(watch));
        Assert.Equal(("api-one", "Starting"), await NextAsync(watch));
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);
        Assert.Equal(("api-one", "Running"), await NextAsync(watch));
    }

    [Fact]
    public async Task A_slow_reader_gets_the_newest_state_and_the_end_that_came_before_it()
    {
        var other = new SampleResource("other");
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Starting);
        await using var watch = _model.Notifications.WatchAsync(ModelFixture.Deadline).GetAsyncEnumerator();
        Assert.Equal(("api", "Starting"), await NextAsync(watch));

        await _model.SetStateAsync(_api, "api", KnownResourceStates.Exited, exitCode: 1);
        for (var i = 0; i < 1_000; i++)
        {
            await _model.SetStateAsync(_api, "api", KnownResourceStates.Starting);
            await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);
        }

        await _model.SetStateAsync(other, "other", KnownResourceStates.Running);

        Assert.Equal(("api", "Exited"), await NextAsync(watch));
        Assert.Equal(("api", "Running"), await NextAsync(watch));
        Assert.Equal(("other", "Running"), await NextAsync(watch));
    }

    [Fact]
    public async Task An_update_that_changes_nothing_is_not_shown()
    {
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);
        await using var watch = _model.Notifications.WatchAsync(ModelFixture.Deadline).GetAsyncEnumerator();
        await NextAsync(watch);

        await _model.Notifications.PublishUpdateAsync(_api, "api", snapshot => snapshot with { Urls = [.. snapshot.Urls] });
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Stopping);

        Assert.Equal(("api", "Stopping"), await NextAsync(watch));
    }

    [Fact]
    public async Task A_watch_ends_when_the_service_is_disposed()
    {
        await using var watch = _model.Notifications.WatchAsync(ModelFixture.Deadline).GetAsyncEnumerator();
        var next = watch.MoveNextAsync();

        _model.Notifications.Dispose();

        Assert.False(await next);
    }

    [Fact]
    public async Task Relationships_and_command_states_follow_from_the_annotations()
    {
        var database = new SampleResource("database");
        _api.With(new WaitAnnotation(database, WaitType.WaitUntilStarted))
            .With(new ResourceRelationshipAnnotation(database, "Reference"))
            .With(Command("go", context => context.ResourceSnapshot.State?.Text == "Running" ? ResourceCommandState.Enabled : ResourceCommandState.Hidden));

        await _model.SetStateAsync(_api, "api", KnownResourceStates.Starting);
        var starting = _model.Current("api");
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);

        Assert.Equal([new("database", "WaitFor"), new("database", "Reference")], starting.Relationships.ToArray());
        Assert.Equal(ResourceCommandState.Hidden, Assert.Single(starting.Commands).State);
        Assert.Equal(ResourceCommandState.Enabled, Assert.Single(_model.Current("api").Commands).State);
    }

    [Fact]
    public async Task A_broken_command_callback_disables_the_command_and_nothing_else()
    {
        _api.With(Command("go", static _ => throw new InvalidOperationException()));

        await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);

        Assert.Equal("Running", _model.Current("api").State?.Text);
        Assert.Equal(ResourceCommandState.Disabled, Assert.Single(_model.Current("api").Commands).State);
    }

    [Fact]
    public void An_update_inside_an_update_of_the_same_row_is_refused()
        => Assert.Throws<InvalidOperationException>(() => _model.Notifications.PublishUpdateAsync(_api, "api", snapshot =>
        {
            _model.SetStateAsync(_api, "api", KnownResourceStates.Running).GetAwaiter().GetResult();
            return snapshot;
        }).GetAwaiter().GetResult());

    [Fact]
    public async Task A_row_belongs_to_one_resource()
    {
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);

        await Assert.ThrowsAsync<InvalidOperationException>(() => _model.SetStateAsync(new SampleResource("api"), "api", KnownResourceStates.Running));
    }

    [Theory]
    [InlineData("Starting", null, null)]
    [InlineData("Running", null, HealthStatus.Healthy)]
    [InlineData("Running", "Healthy", HealthStatus.Healthy)]
    [InlineData("Running", "Healthy,", HealthStatus.Unhealthy)]
    [InlineData("Running", "Healthy,Degraded", HealthStatus.Degraded)]
    [InlineData("Running", "Degraded,Unhealthy", HealthStatus.Unhealthy)]
    [InlineData("Exited", "Healthy", null)]
    public void Health_is_that_of_the_worst_check_of_a_running_resource(string state, string? reports, HealthStatus? expected)
    {
        var statuses = reports?.Split(',').Select(static text => Enum.TryParse<HealthStatus>(text, out var status) ? status : (HealthStatus?)null) ?? [];
        var snapshot = new CustomResourceSnapshot { ResourceType = "Sample", Properties = [], State = state }
            .WithHealthReports([.. statuses.Select(static (status, index) => new HealthReportSnapshot($"check{index}", status, null, null))]);

        Assert.Equal(expected, snapshot.HealthStatus);
    }

    private static ResourceCommandAnnotation Command(string name, Func<UpdateCommandStateContext, ResourceCommandState> updateState)
        => new(name, name, updateState, static _ => Task.FromResult(CommandResults.Success()), null, (object?)null, null, null, null, false);

    private static async Task<(string Id, string? State)> NextAsync(IAsyncEnumerator<ResourceEvent> watch)
    {
        Assert.True(await watch.MoveNextAsync());
        return (watch.Current.ResourceId, watch.Current.Snapshot.State?.Text);
    }
}
