namespace Aspire.Hosting.Cli.Primary.Messages;

/// <summary>Which message a line is.</summary>
internal sealed record AppHostLogEventId(int Id, string? Name);
