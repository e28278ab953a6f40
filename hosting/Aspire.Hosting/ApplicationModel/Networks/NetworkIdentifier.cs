namespace Aspire.Hosting.ApplicationModel;

/// <summary>Names a network on which endpoints have addresses.</summary>
/// <param name="Value">The network's name.</param>
public record NetworkIdentifier(string Value);
