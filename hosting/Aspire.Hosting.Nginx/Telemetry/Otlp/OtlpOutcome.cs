namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

/// <summary>Whether a message arrived.</summary>
internal enum OtlpOutcome
{
    Accepted,

    /// <summary>The receiver is away or busy: the same message may be accepted later.</summary>
    TryAgain,

    /// <summary>The same message would be rejected again.</summary>
    Rejected,
}
