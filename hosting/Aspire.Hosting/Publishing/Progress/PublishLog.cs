using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing.Progress;

/// <summary>A line that a step writes while it goes on.</summary>
/// <param name="Id">Names the line.</param>
/// <param name="StepId">The step that writes it.</param>
/// <param name="Text">The line.</param>
/// <param name="Level">How grave it is.</param>
/// <param name="At">When it was written.</param>
internal sealed record PublishLog(string Id, string StepId, string Text, LogLevel Level, DateTimeOffset At) : PublishActivity(Id, Text, PublishState.Completed);
