namespace Aspire.Hosting.Dashboard.Provisioning;

/// <summary>What came of looking for the dashboard: a program, or why the path given is none, or neither.</summary>
/// <param name="Program">The program found.</param>
/// <param name="Problem">Why the path that the user gave cannot be used, and the mend.</param>
internal sealed record DashboardSearch(DashboardProgram? Program = null, string? Problem = null);
