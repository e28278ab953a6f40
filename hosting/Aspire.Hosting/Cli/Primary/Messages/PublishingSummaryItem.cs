namespace Aspire.Hosting.Cli.Primary.Messages;

/// <summary>A line of the summary of a publish.</summary>
internal sealed record PublishingSummaryItem(string Key, string Value, bool EnableMarkdown);
