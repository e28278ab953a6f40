namespace Aspire.Hosting.Publishing.Progress;

/// <summary>How the whole went: the last that is told.</summary>
/// <param name="Text">What a person reads.</param>
/// <param name="State">How it went.</param>
/// <param name="Summary">What is worth knowing of the result, in the order it is shown.</param>
internal sealed record PublishResult(string Text, PublishState State, IReadOnlyList<PublishSummaryItem> Summary) : PublishActivity(ResultId, Text, State)
{
    private const string ResultId = "publish-complete";
}
