namespace Aspire.Hosting.Supervisor.Configuration;

/// <summary>
/// Kills and replaces a process that runs without being healthy (gunicorn's <c>timeout</c>, systemd's <c>WatchdogSec</c>). It needs a
/// health check, such as that of <c>WithHttpHealthCheck</c>: what has none is never taken for hung.
/// </summary>
public sealed record SupervisorWatchdog
{
    /// <summary>Whether there is a watchdog. Default <see langword="true"/>.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// How long the health check may fail or go unanswered, counted from its first failure. Default 30 s, as in gunicorn; 100 ms to
    /// 24 h. A process that has not been healthy yet has at least <see cref="SupervisorOptions.HealthyTimeout"/>.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
