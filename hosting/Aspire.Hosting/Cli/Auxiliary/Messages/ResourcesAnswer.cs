namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>The rows there are.</summary>
/// <param name="Resources">The rows.</param>
internal sealed record ResourcesAnswer(ResourceSnapshot[] Resources);
