namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>A line of a console.</summary>
/// <param name="ResourceName">The row that it belongs to.</param>
/// <param name="LineNumber">Its number in the row's log.</param>
/// <param name="Content">When it was written, a space, and the text.</param>
/// <param name="IsError">Whether it was written to standard error.</param>
internal sealed record ConsoleLogLine(string ResourceName, int LineNumber, string Content, bool IsError);
