using Aspire.Hosting.Publishing.Progress;

namespace Aspire.Hosting.Pipelines;

/// <summary>What Aspire's states of a step are called in the progress of a publish.</summary>
internal static class PublishStates
{
    public static PublishState From(CompletionState state) => state switch
    {
        CompletionState.InProgress => PublishState.InProgress,
        CompletionState.Completed => PublishState.Completed,
        CompletionState.CompletedWithWarning => PublishState.CompletedWithWarning,
        _ => PublishState.CompletedWithError,
    };
}
