namespace Aspire.Hosting.Publishing.Progress;

/// <summary>How a step, a task or the whole of a publish stands.</summary>
internal enum PublishState
{
    /// <summary>It is being worked on.</summary>
    InProgress,

    /// <summary>It is done.</summary>
    Completed,

    /// <summary>It is done, and there is something to look at.</summary>
    CompletedWithWarning,

    /// <summary>It failed.</summary>
    CompletedWithError,
}
