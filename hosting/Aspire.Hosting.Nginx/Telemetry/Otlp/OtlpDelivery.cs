namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

/// <summary>What became of a message.</summary>
/// <param name="Outcome">Whether it arrived, and whether to send it again.</param>
/// <param name="Problem">What went wrong, in one sentence without any key, or null.</param>
internal readonly record struct OtlpDelivery(OtlpOutcome Outcome, string? Problem = null);
