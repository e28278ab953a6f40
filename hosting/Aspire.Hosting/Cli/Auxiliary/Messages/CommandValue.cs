namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>What a command brought.</summary>
/// <param name="Value">The text.</param>
/// <param name="Format"><c>text</c>, <c>json</c> or <c>markdown</c>.</param>
/// <param name="DisplayImmediately">Whether the dashboard shows it at once.</param>
internal sealed record CommandValue(string Value, string Format, bool DisplayImmediately);
