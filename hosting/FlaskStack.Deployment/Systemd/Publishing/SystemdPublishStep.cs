using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing.Files;
using Aspire.Hosting.Systemd.Rendering;

namespace Aspire.Hosting.Systemd.Publishing;

/// <summary>The step of the pipeline that writes the files.</summary>
internal static class SystemdPublishStep
{
    public static PipelineStepAnnotation For(SystemdEnvironmentResource environment) => EnvironmentPublishStep.For(
        environment, $"Writes systemd units, the nginx site and scripts for '{environment.Name}'.", context => RenderAsync(environment, context));

    private static async Task<IEnumerable<PublishedFile>> RenderAsync(SystemdEnvironmentResource environment, PipelineStepContext context) => ServerRenderer.Render(
        await new ServerModelReader(environment).ReadAsync(context.Model, context.ExecutionContext, context.CancellationToken).ConfigureAwait(false));
}
