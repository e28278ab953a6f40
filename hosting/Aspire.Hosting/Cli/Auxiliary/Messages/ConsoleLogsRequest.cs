namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Asks for lines of consoles.</summary>
/// <param name="ResourceName">A row, or a resource with all its rows; null for all resources.</param>
/// <param name="Follow">Whether to go on with what is written from now on.</param>
/// <param name="Search">What the client looks for; it picks the lines itself, by rules of its own.</param>
/// <param name="Tail">As many of the last lines at most.</param>
/// <param name="IncludeHidden">Whether rows count that are not shown.</param>
internal sealed record ConsoleLogsRequest(string? ResourceName = null, bool Follow = false, string? Search = null, int? Tail = null, bool IncludeHidden = false);
