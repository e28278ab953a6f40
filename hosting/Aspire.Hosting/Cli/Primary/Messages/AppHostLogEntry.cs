namespace Aspire.Hosting.Cli.Primary.Messages;

/// <summary>A line of the AppHost's own log.</summary>
/// <param name="EventId">Which message it is.</param>
/// <param name="LogLevel">How grave it is: 0 (trace) to 5 (critical).</param>
/// <param name="Message">The text.</param>
/// <param name="Timestamp">When it was written.</param>
/// <param name="CategoryName">Who wrote it.</param>
internal sealed record AppHostLogEntry(AppHostLogEventId EventId, int LogLevel, string Message, DateTimeOffset Timestamp, string CategoryName);
