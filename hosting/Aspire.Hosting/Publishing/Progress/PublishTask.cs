namespace Aspire.Hosting.Publishing.Progress;

/// <summary>A piece of work within a step: told when it begins, when its text changes, and when it ends.</summary>
/// <param name="Id">Names the task.</param>
/// <param name="StepId">The step it belongs to.</param>
/// <param name="Text">What it does.</param>
/// <param name="State">How it stands.</param>
/// <param name="Message">What came of it; null while it goes on, or when there is nothing to say.</param>
internal sealed record PublishTask(string Id, string StepId, string Text, PublishState State, string? Message) : PublishActivity(Id, Text, State);
