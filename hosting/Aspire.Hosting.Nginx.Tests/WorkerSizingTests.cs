using Aspire.Hosting.Nginx.Rendering;

namespace Aspire.Hosting.Nginx.Tests;

public class WorkerSizingTests
{
    [Fact]
    public void Carries_ten_thousand_clients_in_one_worker_where_nothing_limits_it() =>
        Assert.Equal(new WorkerSizing(20_480, 20_736, null), WorkerSizing.Fit(null, 1, null));

    [Fact]
    public void Stays_silent_when_all_workers_together_carry_them() =>
        Assert.Equal(new WorkerSizing(19_744, 20_000, null), WorkerSizing.Fit(null, 2, 20_000));

    [Fact]
    public void Warns_when_they_do_not_fit()
    {
        var sizing = WorkerSizing.Fit(null, 2, 4096);

        Assert.Equal((3840, 4096), (sizing.Connections, sizing.OpenFiles));
        Assert.Contains("limit of open files is 4096: nginx can carry about 3840 clients", sizing.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Warns_when_a_wish_cannot_be_met() =>
        Assert.Contains("WithWorkers asks for 50000", WorkerSizing.Fit(50_000, 2, 20_000).Warning, StringComparison.Ordinal);
}
