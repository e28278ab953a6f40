namespace Aspire.Hosting.Nginx.Telemetry.Metrics;

/// <summary>What the requests of one series have in common.</summary>
/// <param name="Method">The method, or <c>_OTHER</c>.</param>
/// <param name="Status">The status code; 0 where too many series are counted as one.</param>
/// <param name="Route">The route, or empty.</param>
/// <param name="Member">The address of the member that was asked last, or empty.</param>
internal readonly record struct SeriesName(string Method, int Status, string Route, string Member);
