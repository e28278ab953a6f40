using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FlaskStack.Tests.Hosting.ApplicationModel;

public sealed class ResourceWaitTests : IDisposable
{
    private readonly ModelFixture _model = new();
    private readonly SampleResource _api = new("api");

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task A_state_that_lasts_for_an_instant_is_not_missed()
    {
        var wait = _model.Notifications.WaitForResourceAsync("api", KnownResourceStates.Exited, ModelFixture.Deadline);

        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Exited);
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);

        await wait;
    }

    [Fact]
    public async Task A_wait_without_a_state_is_for_running()
    {
        var wait = _model.Notifications.WaitForResourceAsync("API", cancellationToken: ModelFixture.Deadline);
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Starting);
        Assert.False(wait.IsCompleted);

        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);

        await wait;
    }

    [Fact]
    public async Task A_wait_for_an_instance_looks_at_that_instance()
    {
        var wait = _model.Notifications.WaitForResourceAsync("api-two", [KnownResourceStates.Running, KnownResourceStates.Exited], ModelFixture.Deadline);
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);
        Assert.False(wait.IsCompleted);

        await _model.SetStateAsync(_api, "api-two", KnownResourceStates.Exited);

        Assert.Equal("Exited", await wait);
    }

    [Fact]
    public async Task A_wait_fails_with_what_its_condition_throws_and_the_publisher_does_not()
    {
        var wait = _model.Notifications.WaitForResourceAsync("api", static _ => throw new FormatException("odd"), ModelFixture.Deadline);

        await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);

        await Assert.ThrowsAsync<FormatException>(() => wait);
    }

    [Fact]
    public async Task A_canceled_wait_says_what_it_waited_for_and_how_things_stand()
    {
        using var cancellation = new CancellationTokenSource();
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Starting);
        var wait = _model.Notifications.WaitForResourceAsync("api", KnownResourceStates.Running, cancellation.Token);

        await cancellation.CancelAsync();

        var canceled = await Assert.ThrowsAsync<OperationCanceledException>(() => wait);
        Assert.Contains("[Running]", canceled.Message, StringComparison.Ordinal);
        Assert.Contains("'api-one' is Starting", canceled.Message, StringComparison.Ordinal);
        Assert.Equal(cancellation.Token, canceled.CancellationToken);
    }

    [Fact]
    public async Task Waits_end_with_the_application()
    {
        var state = _model.Notifications.WaitForResourceAsync("api", KnownResourceStates.Exited);
        var health = _model.Notifications.WaitForResourceHealthyAsync("api");
        var dependencies = _model.Notifications.WaitForDependenciesAsync(Waiting(_api, WaitType.WaitUntilStarted), CancellationToken.None);

        _model.Lifetime.StopApplication();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => health);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dependencies);
        Assert.False(state.IsCompleted);
        _model.Lifetime.NotifyStopped();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => state);
    }

    [Fact]
    public async Task Waits_end_when_the_service_is_disposed()
    {
        var wait = _model.Notifications.WaitForResourceAsync("api");

        _model.Notifications.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task A_healthy_wait_also_waits_for_the_subscribers_of_the_ready_event()
    {
        var ready = new TaskCompletionSource();
        var wait = _model.Notifications.WaitForResourceHealthyAsync("api", ModelFixture.Deadline);
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Running);
        Assert.False(wait.IsCompleted);
        await _model.SetReadyAsync(_api, "api-one", ready.Task);
        Assert.False(wait.IsCompleted);

        ready.SetResult();

        Assert.Equal("api-one", (await wait).ResourceId);
    }

    [Fact]
    public async Task A_healthy_wait_looks_at_the_group_alone_where_there_is_one()
    {
        var wait = _model.Notifications.WaitForResourceHealthyAsync("api", ModelFixture.Deadline);
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Starting);
        await _model.SetReadyAsync(_api, "api-one");
        await _model.SetStateAsync(_api, "api-two", KnownResourceStates.Exited);
        Assert.False(wait.IsCompleted);

        await _model.SetReadyAsync(_api, "api");

        Assert.Equal("api", (await wait).ResourceId);
    }

    [Fact]
    public async Task A_healthy_wait_looks_at_every_instance_where_there_is_no_group()
    {
        await _model.SetStateAsync(_api, "api-one", KnownResourceStates.Starting);
        await _model.SetStateAsync(_api, "api-two", KnownResourceStates.Starting);
        var wait = _model.Notifications.WaitForResourceHealthyAsync("api", ModelFixture.Deadline);
        await _model.SetReadyAsync(_api, "api-one");
        Assert.False(wait.IsCompleted);

        await _model.SetReadyAsync(_api, "api-two");

        await wait;
    }

    [Fact]
    public async Task A_healthy_wait_can_look_at_one_replica_of_a_group()
    {
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Starting);
        var wait = _model.Notifications.WaitForResourceHealthyAsync("api-two", ModelFixture.Deadline);

        await _model.SetReadyAsync(_api, "api-two");

        Assert.Equal("api-two", (await wait).ResourceId);
    }

    [Theory]
    [InlineData("Finished")]
    [InlineData("Exited")]
    [InlineData("FailedToStart")]
    [InlineData("RuntimeUnhealthy")]
    public async Task A_healthy_wait_ends_with_an_unavailable_resource_when_told_so(string state)
    {
        var wait = _model.Notifications.WaitForResourceHealthyAsync("api", WaitBehavior.StopOnResourceUnavailable, ModelFixture.Deadline);

        await _model.SetStateAsync(_api, "api", state, exitCode: 3);

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => wait);
        Assert.Contains(state, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_healthy_wait_goes_on_past_an_unavailable_resource_by_default()
    {
        var wait = _model.Notifications.WaitForResourceHealthyAsync("api", ModelFixture.Deadline);
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Exited, exitCode: 3);
        Assert.False(wait.IsCompleted);

        await _model.SetReadyAsync(_api, "api");

        await wait;
    }

    [Fact]
    public async Task The_default_behavior_is_an_option()
    {
        using var model = new ModelFixture(WaitBehavior.StopOnResourceUnavailable);
        var wait = model.Notifications.WaitForResourceHealthyAsync("api", ModelFixture.Deadline);

        await model.SetStateAsync(_api, "api", KnownResourceStates.FailedToStart);

        await Assert.ThrowsAsync<DistributedApplicationException>(() => wait);
    }

    [Fact]
    public async Task A_healthy_wait_for_a_resource_that_is_not_in_the_model_ends_at_once_when_told_so()
    {
        using var model = new ModelFixture(configure: services => services.AddSingleton(new DistributedApplicationModel([_api])));

        await Assert.ThrowsAsync<DistributedApplicationException>(() => model.Notifications.WaitForResourceHealthyAsync("apu", WaitBehavior.StopOnResourceUnavailable, ModelFixture.Deadline));
    }

    [Fact]
    public async Task A_resource_shows_what_it_waits_for_until_it_has_it()
    {
        var database = new SampleResource("database");
        var nginx = new SampleResource("nginx").With(new WaitAnnotation(_api, WaitType.WaitUntilHealthy)).With(new WaitAnnotation(database, WaitType.WaitUntilStarted));
        await _model.SetStateAsync(nginx, "nginx-one", KnownResourceStates.Starting);

        var wait = _model.Notifications.WaitForDependenciesAsync(nginx, ModelFixture.Deadline);
        Assert.Equal("Waiting", _model.Current("nginx-one").State?.Text);
        Assert.Equal(["api", "database"], WaitingFor("nginx-one"));

        await _model.SetStateAsync(database, "database", KnownResourceStates.Running);
        await _model.Notifications.WaitForResourceAsync("nginx", change => Names(change.Snapshot) is ["api"], ModelFixture.Deadline);
        await _model.SetReadyAsync(_api, "api");
        await wait;

        Assert.Equal("Starting", _model.Current("nginx-one").State?.Text);
        Assert.Empty(WaitingFor("nginx-one"));
    }

    [Fact]
    public async Task A_resource_whose_dependencies_are_met_does_not_show_that_it_waits()
    {
        var nginx = Waiting(_api, WaitType.WaitUntilHealthy);
        await _model.SetReadyAsync(_api, "api");
        await _model.SetStateAsync(nginx, "nginx", KnownResourceStates.Starting);
        var shown = _model.Notifications.WaitForResourceAsync("nginx", KnownResourceStates.Waiting);

        await _model.Notifications.WaitForDependenciesAsync(nginx, ModelFixture.Deadline);

        Assert.False(shown.IsCompleted);
    }

    [Fact]
    public async Task A_dependency_must_be_healthy_in_every_instance()
    {
        await _model.SetReadyAsync(_api, "api-one");
        await _model.Notifications.PublishUpdateAsync(_api, "api-two", snapshot => (snapshot with { State = "Running", ResourceReady = Task.CompletedTask }).WithHealthReports([new("check", null, null, null)]));
        var wait = _model.Notifications.WaitForDependenciesAsync(Waiting(_api, WaitType.WaitUntilHealthy), ModelFixture.Deadline);
        Assert.False(wait.IsCompleted);

        await _model.Notifications.PublishUpdateAsync(_api, "api-two", snapshot => snapshot.WithHealthReports([new("check", HealthStatus.Healthy, null, null)]));

        await wait;
    }

    [Fact]
    public async Task A_dependency_is_started_without_being_healthy()
    {
        var wait = _model.Notifications.WaitForDependenciesAsync(Waiting(_api, WaitType.WaitUntilStarted), ModelFixture.Deadline);

        await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);

        await wait;
    }

    [Fact]
    public async Task A_dependency_completes_with_the_expected_exit_code()
    {
        var wait = _model.Notifications.WaitForDependenciesAsync(Waiting(_api, WaitType.WaitForCompletion, exitCode: 2), ModelFixture.Deadline);
        await _model.SetStateAsync(_api, "api", KnownResourceStates.Running);
        Assert.False(wait.IsCompleted);

        await _model.SetStateAsync(_api, "api", KnownResourceStates.Exited, exitCode: 2);

        await wait;
    }

    [Theory]
    [InlineData("Exited", 1, "exit code 1")]
    [InlineData("FailedToStart", null, "failed to start")]
    public async Task A_dependency_that_does_not_complete_fails_the_wait_and_is_named(string state, int? exitCode, string reason)
    {
        var wait = _model.Notifications.WaitForDependenciesAsync(Waiting(_api, WaitType.WaitForCompletion), ModelFixture.Deadline);

        await _model.SetStateAsync(_api, "api", state, exitCode);

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => wait);
        Assert.Contains("'nginx' stopped waiting for dependency resource 'api'", failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_dependency_that_fails_ends_the_wait_for_the_others()
    {
        var database = new SampleResource("database");
        var nginx = new SampleResource("nginx")
            .With(new WaitAnnotation(database, WaitType.WaitUntilHealthy))
            .With(new WaitAnnotation(_api, WaitType.WaitUntilHealthy) { WaitBehavior = WaitBehavior.StopOnResourceUnavailable });
        await _model.SetStateAsync(nginx, "nginx", KnownResourceStates.Starting);
        var wait = _model.Notifications.WaitForDependenciesAsync(nginx, ModelFixture.Deadline);

        await _model.SetStateAsync(_api, "api", KnownResourceStates.FailedToStart);

        await Assert.ThrowsAsync<DistributedApplicationException>(() => wait);
        Assert.Empty(WaitingFor("nginx"));
    }

    [Fact]
    public async Task A_canceled_wait_leaves_no_names_behind()
    {
        using var cancellation = new CancellationTokenSource();
        var nginx = Waiting(_api, WaitType.WaitUntilHealthy);
        await _model.SetStateAsync(nginx, "nginx", KnownResourceStates.Starting);
        var wait = _model.Notifications.WaitForDependenciesAsync(nginx, cancellation.Token);
        Assert.Equal(["api"], WaitingFor("nginx"));

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Empty(WaitingFor("nginx"));
    }

    [Fact]
    public async Task What_has_no_lifetime_is_not_waited_for()
        => await _model.Notifications.WaitForDependenciesAsync(Waiting(new LifelessResource(), WaitType.WaitUntilHealthy), ModelFixture.Deadline);

    private static SampleResource Waiting(IResource dependency, WaitType type, int exitCode = 0)
        => new SampleResource("nginx").With(new WaitAnnotation(dependency, type, exitCode));

    private string[] WaitingFor(string id) => Names(_model.Current(id));

    private static string[] Names(CustomResourceSnapshot snapshot)
        => [.. snapshot.Properties.Where(static property => property.Name == "resource.waitingFor").SelectMany(static property => (string[])property.Value!)];

    private sealed class LifelessResource() : Resource("lifeless"), IResourceWithoutLifetime;
}
