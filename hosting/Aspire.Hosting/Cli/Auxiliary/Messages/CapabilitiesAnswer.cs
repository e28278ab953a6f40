namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Which versions of the channel are spoken.</summary>
/// <param name="Capabilities">Their names.</param>
internal sealed record CapabilitiesAnswer(string[] Capabilities);
