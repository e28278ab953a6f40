using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static FlaskStack.Tests.Supervisor.SupervisedApplication;

namespace FlaskStack.Tests.Supervisor;

public sealed class WatchdogTests
{
    [Fact]
    public async Task Kills_and_replaces_a_process_that_hangs()
    {
        await using var app = await StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddCheck("alive", () => HealthCheckResult.Healthy());
            Shell(builder, "worker", $"echo before the hang; {Forever}").WithHealthCheck("alive").WithSupervisor(s => s with { Watchdog = new() { Timeout = TimeSpan.FromSeconds(1) } });
        });
        var before = await app.WaitAsync("worker", row => row.HealthStatus == HealthStatus.Healthy);
        await app.WaitForLineAsync("worker", "before the hang");

        await Signals.SendAsync("STOP", ProcessId(before.Snapshot));
        // What the next probe finds out.
        await app.Rows.PublishUpdateAsync(before.Resource, before.ResourceId, row => row.WithHealthReports([new HealthReportSnapshot("alive", HealthStatus.Unhealthy, "no answer", null)]));
        var after = await app.WaitForRestartsAsync("worker", 1);

        Assert.False(IsAlive(ProcessId(before.Snapshot)));
        Assert.NotEqual(ProcessId(before.Snapshot), ProcessId(after));
        var diagnosis = await app.WaitForLineAsync("worker", "is killed because it was not healthy for");
        Assert.Contains($"process {ProcessId(before.Snapshot)}, ", diagnosis, StringComparison.Ordinal);
        Assert.Contains("s of processor time", diagnosis, StringComparison.Ordinal);
        Assert.Contains("before the hang", diagnosis, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_up_what_never_becomes_healthy()
    {
        await using var app = await StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
            Shell(builder, "worker", Forever).WithHealthCheck("never").WithSupervisor(s => s with
            {
                StartRetries = 0,
                HealthyTimeout = TimeSpan.FromSeconds(1),
                Watchdog = new() { Timeout = TimeSpan.FromMilliseconds(100) },
            });
        });

        var fatal = await app.WaitForStateAsync("worker", "Fatal");

        Assert.StartsWith("it was not healthy for", (string?)Property(fatal, "supervisor.reason"), StringComparison.Ordinal);
    }
}
