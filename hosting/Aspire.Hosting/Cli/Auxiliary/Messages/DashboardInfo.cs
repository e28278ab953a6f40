namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Where the dashboard's HTTP API is, and how it is opened.</summary>
/// <param name="ApiBaseUrl">The address; null when there is no dashboard.</param>
/// <param name="ApiToken">The key.</param>
/// <param name="DashboardUrls">The addresses that log in to its pages.</param>
/// <param name="IsHealthy">Whether it serves.</param>
internal sealed record DashboardInfo(string? ApiBaseUrl, string? ApiToken, string[] DashboardUrls, bool IsHealthy)
{
    // A key must not come to be in a log by way of the record's text.
    public override string ToString() => nameof(DashboardInfo);
}
