using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Health;

/// <summary>One check of an instance, each at its own pace.</summary>
/// <param name="cadence">The pace.</param>
/// <param name="time">The clock.</param>
/// <param name="ask">Runs the check.</param>
internal sealed class ScheduledCheck(HealthCadence cadence, TimeProvider time, Func<CancellationToken, Task<HealthReportSnapshot>> ask)
{
    private HealthReportSnapshot? _last;
    private TimeSpan _wait;
    private long _ranAt;

    /// <summary>How long until it is to run again; zero when it is late.</summary>
    public TimeSpan UntilDue => _wait - time.GetElapsedTime(_ranAt) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Runs the check, or tells what it told last.</summary>
    public async Task<HealthReportSnapshot> RunIfDueAsync(CancellationToken cancellationToken)
    {
        if (_last is not null && UntilDue > TimeSpan.Zero)
        {
            return _last;
        }

        _last = await ask(cancellationToken).ConfigureAwait(false);
        // Not by the clock on the wall, which may be set: checks would stop for as long.
        (_wait, _ranAt) = (cadence.Next(_last.Status == HealthStatus.Healthy), time.GetTimestamp());
        return _last;
    }
}
