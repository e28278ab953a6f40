namespace Aspire.Hosting.Publishing.Progress;

/// <summary>A step of the pipeline: told when it begins, and again when it ends.</summary>
/// <param name="Id">Names the step.</param>
/// <param name="Text">What it does; at its end, how that went.</param>
/// <param name="State">How it stands.</param>
/// <param name="ParentId">The step it is a part of; null for one of its own.</param>
/// <param name="Level">How deep it lies below other steps; 0 for one of its own.</param>
internal sealed record PublishStep(string Id, string Text, PublishState State, string? ParentId, int Level) : PublishActivity(Id, Text, State);
