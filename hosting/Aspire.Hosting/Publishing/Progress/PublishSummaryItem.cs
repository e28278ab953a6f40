namespace Aspire.Hosting.Publishing.Progress;

/// <summary>One line of the summary of a publish, such as <c>Output</c>: <c>/home/me/out</c>.</summary>
/// <param name="Key">What the line tells.</param>
/// <param name="Value">The value.</param>
internal sealed record PublishSummaryItem(string Key, string Value);
