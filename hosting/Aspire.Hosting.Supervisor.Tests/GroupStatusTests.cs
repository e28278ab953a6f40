using Aspire.Hosting.Supervisor.Machine;
using Aspire.Hosting.Supervisor.Runtime;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class GroupStatusTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly InstanceState Serving = new() { Phase = InstancePhase.Running, StartedAt = Noon };
    private static readonly InstanceState Sick = Serving with { UnhealthySince = Noon };

    [Fact]
    public void Starts_until_all_have_served_together()
    {
        Assert.Equal(("Starting", 0, 2), Status([], 2, hasServed: false));
        Assert.Equal(("Starting", 1, 2), Status([Serving], 2, hasServed: false));
        Assert.Equal(("Starting", 1, 2), Status([Serving, Sick], 2, hasServed: false));
        Assert.Equal(("Running", 2, 2), Status([Serving, Serving], 2, hasServed: false));
    }

    [Fact]
    public void Is_degraded_while_some_serve() => Assert.Equal(("Degraded", 1, 2), Status([Serving, Sick], 2, hasServed: true));

    [Theory]
    [InlineData(InstancePhase.Starting, "Starting")]
    [InlineData(InstancePhase.Restarting, "Starting")]
    [InlineData(InstancePhase.Running, "Unhealthy")]
    [InlineData(InstancePhase.Backoff, "Backoff")]
    [InlineData(InstancePhase.Fatal, "Fatal")]
    internal void Says_why_none_serves(InstancePhase phase, string state) =>
        Assert.Equal((state, 0, 1), Status([Sick with { Phase = phase }], 1, hasServed: true));

    [Theory]
    [InlineData(InstancePhase.Stopped, "Exited")]
    [InlineData(InstancePhase.Finished, "Exited")]
    [InlineData(InstancePhase.Stopping, "Stopping")]
    internal void Ends_with_its_last_replica(InstancePhase phase, string state) =>
        Assert.Equal((state, 0, 0), Status([Serving with { Phase = phase }], 1, hasServed: true));

    [Fact]
    public void Does_not_count_those_in_standby_or_stopped() =>
        Assert.Equal(("Running", 1, 1), Status([Serving, new(), Serving with { Phase = InstancePhase.Stopped }], 1, hasServed: true));

    [Fact]
    public void Shows_when_the_first_started_and_all_restarts()
    {
        var status = GroupStatus.Of(
            [Serving with { Restarts = 2 }, Serving with { StartedAt = Noon.AddHours(1), Restarts = 1 }],
            2,
            hasServed: true);

        Assert.Equal((Noon, 3), (status.StartedAt, status.Restarts));
    }

    private static (string State, int Healthy, int Wanted) Status(IReadOnlyCollection<InstanceState> states, int expected, bool hasServed)
    {
        var status = GroupStatus.Of(states, expected, hasServed);
        return (status.State, status.Healthy, status.Wanted);
    }
}
