using System.Diagnostics;
using FlaskStack.ServiceDefaults.Health;
using OpenTelemetry;

namespace FlaskStack.ServiceDefaults.Telemetry;

/// <summary>Keeps the health probes out of the traces, where they would hide everything else.</summary>
internal sealed class HealthTraceFilter : BaseProcessor<Activity>
{
    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Kind == ActivityKind.Server && HealthPaths.Contains(data.GetTagItem("url.path") as string))
        {
            // The exporter that follows takes recorded activities only.
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
