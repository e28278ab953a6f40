using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Publishing.Files;

/// <summary>Where a compute environment writes.</summary>
internal static class EnvironmentOutput
{
    /// <summary>The output folder, or one in it where another environment might write as well, as Aspire's own environments have it.</summary>
    public static string FolderOf(PipelineStepContext context, IComputeEnvironmentResource environment)
    {
        var output = context.Services.GetRequiredService<IPipelineOutputService>();
        return context.Model.Resources.OfType<IComputeEnvironmentResource>().Skip(1).Any()
            ? output.GetOutputDirectory(environment)
            : output.GetOutputDirectory();
    }
}
