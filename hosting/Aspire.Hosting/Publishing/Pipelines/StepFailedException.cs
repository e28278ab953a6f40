namespace Aspire.Hosting.Pipelines;

/// <summary>A step of the pipeline failed.</summary>
internal sealed class StepFailedException(string step, Exception cause) : DistributedApplicationException($"The step '{step}' failed: {cause.Message}", cause)
{
    /// <summary>The step.</summary>
    public string Step { get; } = step;
}
