namespace Aspire.Hosting.Cli.Primary.Messages;

/// <summary>News from a publish.</summary>
/// <param name="Type"><c>step</c>, <c>task</c>, <c>log</c> or <c>publish-complete</c>.</param>
/// <param name="Data">What it says.</param>
internal sealed record PublishingActivity(string Type, PublishingActivityData Data);
