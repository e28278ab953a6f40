namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>Lines of consoles that go together.</summary>
/// <param name="Lines">The lines.</param>
internal sealed record ConsoleLogBatch(ConsoleLogLine[] Lines);
