using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

/// <summary>All steps of a pipeline, to add dependencies between them.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public class PipelineConfigurationContext
{
    /// <summary>The services of the application.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>The steps, in the order they were added.</summary>
    public required IReadOnlyList<PipelineStep> Steps { get; init; }

    /// <summary>The application model.</summary>
    public required DistributedApplicationModel Model { get; init; }

    /// <summary>Finds the steps that bear a tag.</summary>
    /// <param name="tag">The tag.</param>
    public IEnumerable<PipelineStep> GetSteps(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);

        return Steps.Where(step => step.Tags.Contains(tag));
    }

    /// <summary>Finds the steps of a resource.</summary>
    /// <param name="resource">The resource.</param>
    public IEnumerable<PipelineStep> GetSteps(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return Steps.Where(step => step.Resource == resource);
    }

    /// <summary>Finds the steps of a resource that bear a tag.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="tag">The tag.</param>
    public IEnumerable<PipelineStep> GetSteps(IResource resource, string tag) => GetSteps(resource).Intersect(GetSteps(tag));
}
