namespace Aspire.Hosting.Cli;

/// <summary>Where the dashboard is, as both channels tell it.</summary>
/// <param name="DashboardHealthy">Whether it serves.</param>
/// <param name="BaseUrlWithLoginToken">The address that logs in; null when there is no dashboard.</param>
internal sealed record DashboardUrls(bool DashboardHealthy, string? BaseUrlWithLoginToken);
