namespace Aspire.Hosting.Cli.Primary.Messages;

/// <summary>What news from a publish says.</summary>
internal sealed record PublishingActivityData
{
    public required string Id { get; init; }

    public required string StatusText { get; init; }

    /// <summary><c>InProgress</c>, <c>Completed</c>, <c>CompletedWithWarning</c> or <c>CompletedWithError</c>.</summary>
    public required string CompletionState { get; init; }

    public bool IsComplete { get; init; }

    public bool IsError { get; init; }

    public bool IsWarning { get; init; }

    public string? StepId { get; init; }

    public string? ParentStepId { get; init; }

    public int? HierarchyLevel { get; init; }

    public string? CompletionMessage { get; init; }

    public string? LogLevel { get; init; }

    public DateTimeOffset? Timestamp { get; init; }

    public bool EnableMarkdown { get; init; }

    public PublishingSummaryItem[]? PipelineSummary { get; init; }
}
