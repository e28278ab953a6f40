namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Asks to be told when a resource gets somewhere.</summary>
/// <param name="ResourceName">The row, or the resource.</param>
/// <param name="Status"><c>healthy</c>, <c>up</c> or <c>down</c>.</param>
/// <param name="TimeoutSeconds">How long to wait at most.</param>
internal sealed record WaitRequest(string? ResourceName, string? Status, double TimeoutSeconds = 120);
