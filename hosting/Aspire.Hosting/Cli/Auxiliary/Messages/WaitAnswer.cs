namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Where a resource got to.</summary>
/// <param name="Success">Whether it is where it was waited for.</param>
/// <param name="State">Its state.</param>
/// <param name="HealthStatus">Its health.</param>
/// <param name="ResourceNotFound">Whether there is no such resource.</param>
/// <param name="TimedOut">Whether the time was over first.</param>
/// <param name="ErrorMessage">What went wrong.</param>
internal sealed record WaitAnswer(bool Success, string? State = null, string? HealthStatus = null, bool ResourceNotFound = false, bool TimedOut = false, string? ErrorMessage = null);
