namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line of a resource's log.</summary>
/// <param name="LineNumber">The number of the line, from 1; in the log of one resource instance numbers rise by one, and where lines were dropped a line says so.</param>
/// <param name="Content">The UTC time as <c>yyyy-MM-ddTHH:mm:ss.fffffffZ</c>, a space, and the text.</param>
/// <param name="IsErrorMessage">Whether the line was written to standard error, or logged as an error.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);
