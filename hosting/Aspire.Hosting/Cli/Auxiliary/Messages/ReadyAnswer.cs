namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Whether the AppHost has started.</summary>
/// <param name="IsReady">Whether it has.</param>
internal sealed record ReadyAnswer(bool IsReady);
