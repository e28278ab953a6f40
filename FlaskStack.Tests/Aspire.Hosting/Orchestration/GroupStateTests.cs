using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Instances;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FlaskStack.Tests.Hosting.Orchestration;

public sealed class GroupStateTests
{
    private static readonly InstanceStatus Healthy = new(KnownResourceStates.Running, HealthStatus.Healthy);
    private static readonly InstanceStatus Unhealthy = new(KnownResourceStates.Running, HealthStatus.Unhealthy);
    private static readonly InstanceStatus Exited = new(KnownResourceStates.Exited, null);

    [Fact]
    public void Is_healthy_when_every_replica_serves()
    {
        var state = GroupState.Of([Healthy, Healthy, Healthy]);

        Assert.Equal(new GroupState(KnownResourceStates.Running, HealthStatus.Healthy, 3, 3), state);
    }

    [Fact]
    public void Runs_degraded_while_one_replica_is_gone()
    {
        var state = GroupState.Of([Healthy, Exited, Healthy]);

        Assert.Equal(new GroupState(KnownResourceStates.Running, HealthStatus.Degraded, 2, 3), state);
    }

    [Fact]
    public void Is_unhealthy_when_replicas_run_and_none_serves()
    {
        Assert.Equal(HealthStatus.Unhealthy, GroupState.Of([Unhealthy, Unhealthy]).Health);
    }

    [Theory]
    [InlineData("Exited", "Finished", "Exited")]
    [InlineData("Exited", "Starting", "Starting")]
    [InlineData("Waiting", "Starting", "Starting")]
    [InlineData("Backoff", "Exited", "Backoff")]
    [InlineData("Backoff", "Running", "Running")]
    [InlineData("NotStarted", "FailedToStart", "FailedToStart")]
    public void Shows_the_most_alive_state(string one, string other, string expected)
    {
        Assert.Equal(expected, GroupState.Of([new(one, null), new(other, null)]).State);
    }

    [Fact]
    public void Reports_how_many_replicas_serve()
    {
        var report = GroupState.Of([Healthy, Exited]).Report(DateTime.UnixEpoch);

        Assert.Equal("1 of 2 replicas serve.", report.Description);
        Assert.Equal(HealthStatus.Degraded, report.Status);
    }
}
