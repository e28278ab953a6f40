using Aspire.Hosting.Cli.Primary.Messages;
using Aspire.Hosting.Publishing.Progress;

namespace Aspire.Hosting.Cli.Primary;

/// <summary>Makes of the progress of a publish what the CLI shows of it.</summary>
internal static class PublishingConversion
{
    private const string Whole = "publish";

    /// <summary>The news, and before a failure that no step has told, one that does: the CLI shows no text of the result.</summary>
    public static IEnumerable<PublishingActivity> ToMessages(PublishActivity activity)
    {
        if (activity is PublishResult { State: PublishState.CompletedWithError } failure)
        {
            yield return ToMessage(new PublishStep(Whole, Whole, PublishState.InProgress, ParentId: null, Level: 0));
            yield return ToMessage(new PublishStep(Whole, failure.Text, failure.State, ParentId: null, Level: 0));
        }

        yield return ToMessage(activity);
    }

    public static PublishingActivity ToMessage(PublishActivity activity) => activity switch
    {
        PublishStep step => new("step", DataOf(step) with { ParentStepId = step.ParentId, HierarchyLevel = step.Level }),
        PublishTask task => new("task", DataOf(task) with { StepId = task.StepId, CompletionMessage = task.Message }),
        PublishLog log => new("log", DataOf(log) with { StepId = log.StepId, LogLevel = log.Level.ToString(), Timestamp = log.At }),
        PublishResult result => new("publish-complete", DataOf(result) with
        {
            PipelineSummary = [.. result.Summary.Select(static item => new PublishingSummaryItem(item.Key, item.Value, EnableMarkdown: false))],
        }),
        _ => throw new ArgumentOutOfRangeException(nameof(activity), activity, "Unknown kind of activity."),
    };

    private static PublishingActivityData DataOf(PublishActivity activity) => new()
    {
        Id = activity.Id,
        StatusText = activity.Text,
        CompletionState = activity.State.ToString(),
        IsComplete = activity.State != PublishState.InProgress,
        IsError = activity.State == PublishState.CompletedWithError,
        IsWarning = activity.State == PublishState.CompletedWithWarning,
    };
}
