namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>The AppHost is stopping.</summary>
internal sealed record StopAnswer;
