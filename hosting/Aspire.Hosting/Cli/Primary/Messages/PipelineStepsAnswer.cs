namespace Aspire.Hosting.Cli.Primary.Messages;

/// <summary>The steps that there are.</summary>
/// <param name="Steps">In the order they run.</param>
internal sealed record PipelineStepsAnswer(PipelineStepEntry[] Steps);
