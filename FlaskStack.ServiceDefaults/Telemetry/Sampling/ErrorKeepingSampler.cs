using OpenTelemetry.Trace;

namespace FlaskStack.ServiceDefaults.Telemetry.Sampling;

/// <summary>
/// OpenTelemetry's default, parent-based sampling, with one difference: what the caller does not sample is still recorded, so that
/// <see cref="FailedActivities"/> can keep it when it fails. Under load the proxy in front samples a share of the requests, and an
/// error is seldom among them.
/// </summary>
internal sealed class ErrorKeepingSampler : Sampler
{
    private static readonly SamplingResult Record = new(SamplingDecision.RecordOnly);
    private static readonly SamplingResult Keep = new(SamplingDecision.RecordAndSample);

    /// <summary>Tells whether this sampler does what the settings ask for.</summary>
    /// <param name="samplerName">The value of <c>OTEL_TRACES_SAMPLER</c>.</param>
    /// <returns>False when another sampler was asked for, which the SDK then provides.</returns>
    public static bool StandsFor(string? samplerName) =>
        string.IsNullOrWhiteSpace(samplerName) || samplerName.Trim().Equals("parentbased_always_on", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var isRoot = parent.TraceId == default;
        return isRoot || parent.TraceFlags.HasFlag(System.Diagnostics.ActivityTraceFlags.Recorded) ? Keep : Record;
    }
}
