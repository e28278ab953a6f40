using Aspire.Hosting.Kubernetes.Rendering;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing.Files;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>The step of the pipeline that writes the manifests.</summary>
internal static class KubernetesPublishStep
{
    public static PipelineStepAnnotation For(KubernetesEnvironmentResource environment) => new(_ =>
    {
        var step = new PipelineStep
        {
            Name = $"publish-{environment.Name}",
            Description = $"Writes Kubernetes manifests for '{environment.Name}'.",
            Action = context => PublishAsync(environment, context),
            Resource = environment,
        };
        step.DependsOn(WellKnownPipelineSteps.PublishPrereq);
        step.RequiredBy(WellKnownPipelineSteps.Publish);
        return step;
    });

    private static async Task PublishAsync(KubernetesEnvironmentResource environment, PipelineStepContext context)
    {
        var application = await new ClusterModelReader(environment).ReadAsync(context.Model, context.ExecutionContext, context.CancellationToken).ConfigureAwait(false);
        var folder = EnvironmentOutput.FolderOf(context, environment);
        await PublishedFolder.WriteAsync(folder, ClusterRenderer.Render(application), context.CancellationToken).ConfigureAwait(false);
    }
}
