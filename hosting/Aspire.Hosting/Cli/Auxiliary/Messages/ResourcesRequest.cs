namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Asks for rows.</summary>
/// <param name="ClientCapabilities">Which versions of the channel the client speaks.</param>
/// <param name="Filter">A part of the names of the rows that are wanted.</param>
internal sealed record ResourcesRequest(string[]? ClientCapabilities = null, string? Filter = null);
