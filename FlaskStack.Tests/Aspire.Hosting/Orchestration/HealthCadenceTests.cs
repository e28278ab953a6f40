using Aspire.Hosting.Orchestration.Health;

namespace FlaskStack.Tests.Hosting.Orchestration;

public sealed class HealthCadenceTests
{
    [Fact]
    public void Checks_every_thirty_seconds_while_healthy()
    {
        var cadence = new HealthCadence(HealthCadence.OfChecks);

        Assert.Equal(TimeSpan.FromSeconds(30), cadence.Next(healthy: true));
        Assert.Equal(TimeSpan.FromSeconds(30), cadence.Next(healthy: true));
    }

    [Fact]
    public void Backs_off_by_a_second_for_each_failure_up_to_five_once_it_was_healthy()
    {
        var cadence = new HealthCadence(HealthCadence.OfChecks);
        cadence.Next(healthy: true);

        var delays = Enumerable.Range(0, 7).Select(_ => cadence.Next(healthy: false).TotalSeconds);

        Assert.Equal([1, 2, 3, 4, 5, 5, 5], delays);
    }

    [Fact]
    public void Starts_over_after_a_recovery()
    {
        var cadence = new HealthCadence(HealthCadence.OfChecks);
        cadence.Next(healthy: true);
        cadence.Next(healthy: false);
        cadence.Next(healthy: false);
        cadence.Next(healthy: true);

        Assert.Equal(TimeSpan.FromSeconds(1), cadence.Next(healthy: false));
    }

    [Fact]
    public void Probes_quickly_until_the_first_success_and_then_gives_up_hurrying()
    {
        var cadence = new HealthCadence(HealthCadence.OfChecks);

        var quick = Enumerable.Range(0, HealthCadence.QuickProbes).Select(_ => cadence.Next(healthy: false)).ToArray();

        Assert.Equal(HealthCadence.FirstStartupDelay, quick[0]);
        Assert.All(quick, delay => Assert.InRange(delay, HealthCadence.FirstStartupDelay, HealthCadence.LongestStartupDelay));
        Assert.Equal(TimeSpan.FromSeconds(1), cadence.Next(healthy: false));
    }
}
