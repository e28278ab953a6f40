using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;

namespace Aspire.Hosting.Publishing.Files;

/// <summary>The step of the pipeline that writes what a compute environment deploys.</summary>
internal static class EnvironmentPublishStep
{
    /// <param name="environment">The environment; the step is called <c>publish-</c> and its name.</param>
    /// <param name="description">What is written, in a sentence for people.</param>
    /// <param name="renderAsync">Makes the files.</param>
    public static PipelineStepAnnotation For(
        IComputeEnvironmentResource environment, string description, Func<PipelineStepContext, Task<IEnumerable<PublishedFile>>> renderAsync) => new(_ => new PipelineStep
        {
            Name = $"publish-{environment.Name}",
            Description = description,
            Action = async context => await PublishedFolder.WriteAsync(
                EnvironmentOutput.FolderOf(context, environment), await renderAsync(context).ConfigureAwait(false), context.CancellationToken).ConfigureAwait(false),
            Resource = environment,
            DependsOnSteps = [WellKnownPipelineSteps.PublishPrereq],
            RequiredBySteps = [WellKnownPipelineSteps.Publish],
        });
}
