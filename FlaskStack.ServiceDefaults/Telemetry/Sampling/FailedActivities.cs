using System.Diagnostics;
using OpenTelemetry;

namespace FlaskStack.ServiceDefaults.Telemetry.Sampling;

/// <summary>Keeps what failed, sampled or not: errors are few, and the ones that one looks for.</summary>
internal sealed class FailedActivities : BaseProcessor<Activity>
{
    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Status == ActivityStatusCode.Error)
        {
            // The exporter that follows takes recorded activities only.
            data.ActivityTraceFlags |= ActivityTraceFlags.Recorded;
        }
    }
}
