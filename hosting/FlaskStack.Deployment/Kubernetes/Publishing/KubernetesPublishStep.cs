using Aspire.Hosting.Kubernetes.Rendering;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing.Files;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>The step of the pipeline that writes the manifests.</summary>
internal static class KubernetesPublishStep
{
    public static PipelineStepAnnotation For(KubernetesEnvironmentResource environment) => EnvironmentPublishStep.For(
        environment, $"Writes Kubernetes manifests for '{environment.Name}'.", context => RenderAsync(environment, context));

    private static async Task<IEnumerable<PublishedFile>> RenderAsync(KubernetesEnvironmentResource environment, PipelineStepContext context) => ClusterRenderer.Render(
        await new ClusterModelReader(environment).ReadAsync(context.Model, context.ExecutionContext, context.CancellationToken).ConfigureAwait(false));
}
