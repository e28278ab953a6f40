using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing.Files;
using Aspire.Hosting.Systemd.Rendering;

namespace Aspire.Hosting.Systemd.Publishing;

/// <summary>The step of the pipeline that writes the files.</summary>
internal static class SystemdPublishStep
{
    public static PipelineStepAnnotation For(SystemdEnvironmentResource environment) => new(_ =>
    {
        var step = new PipelineStep
        {
            Name = $"publish-{environment.Name}",
            Description = $"Writes systemd units, the nginx site and scripts for '{environment.Name}'.",
            Action = context => PublishAsync(environment, context),
            Resource = environment,
        };
        step.DependsOn(WellKnownPipelineSteps.PublishPrereq);
        step.RequiredBy(WellKnownPipelineSteps.Publish);
        return step;
    });

    private static async Task PublishAsync(SystemdEnvironmentResource environment, PipelineStepContext context)
    {
        var application = await new ServerModelReader(environment).ReadAsync(context.Model, context.ExecutionContext, context.CancellationToken).ConfigureAwait(false);
        var folder = EnvironmentOutput.FolderOf(context, environment);
        await PublishedFolder.WriteAsync(folder, ServerRenderer.Render(application), context.CancellationToken).ConfigureAwait(false);
    }
}
