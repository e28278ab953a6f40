using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Health;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FlaskStack.Tests.Hosting.Orchestration;

public sealed class HealthScheduleTests
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_check_is_run_when_it_is_due_and_else_tells_its_last_result()
    {
        var asked = 0;
        var check = new ScheduledCheck(new HealthCadence(Pace), _time, _ => Task.FromResult(Report(HealthStatus.Healthy, $"{++asked}")));

        await check.RunIfDueAsync(CancellationToken.None);
        _time.Advance(Pace / 2);
        var early = await check.RunIfDueAsync(CancellationToken.None);
        Assert.Equal(Pace / 2, check.UntilDue);
        _time.Advance(Pace);
        var due = await check.RunIfDueAsync(CancellationToken.None);

        Assert.Equal(("1", "2"), (early.Description, due.Description));
    }

    [Fact]
    public void Only_what_changed_is_told_and_now_and_then_that_nothing_did()
    {
        var news = new HealthNews(_time);

        Assert.True(news.Has([Report(HealthStatus.Healthy)]));
        _time.Advance(Pace);
        Assert.False(news.Has([Report(HealthStatus.Healthy)]));
        Assert.True(news.Has([Report(HealthStatus.Unhealthy)]));
        Assert.True(news.Has([Report(HealthStatus.Unhealthy, "another reason")]));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(news.Has([Report(HealthStatus.Unhealthy, "another reason")]));
    }

    private HealthReportSnapshot Report(HealthStatus status, string? description = null) => new("health", status, description, null) { LastRunAt = _time.GetUtcNow().UtcDateTime };
}
