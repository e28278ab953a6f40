using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

/// <summary>One step of a pipeline.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
[DebuggerDisplay("{Name,nq}")]
public class PipelineStep
{
    /// <summary>The name, as <c>--step</c> and <c>aspire do</c> take it.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, in a sentence for people.</summary>
    public string? Description { get; init; }

    /// <summary>What it does.</summary>
    public required Func<PipelineStepContext, Task> Action { get; init; }

    /// <summary>The names of the steps that come before it.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    public List<string> DependsOnSteps { get; init; } = [];

    /// <summary>The names of the steps that come after it, and for which it is run.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    public List<string> RequiredBySteps { get; init; } = [];

    /// <summary>Tags to find it by.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    public List<string> Tags { get; init; } = [];

    /// <summary>The resource that it belongs to, if any.</summary>
    public IResource? Resource { get; set; }

    /// <summary>Runs it after another step.</summary>
    /// <param name="stepName">The name of the other step.</param>
    public void DependsOn(string stepName)
    {
        ArgumentNullException.ThrowIfNull(stepName);

        DependsOnSteps.Add(stepName);
    }

    /// <summary>Runs it after another step.</summary>
    /// <param name="step">The other step.</param>
    public void DependsOn(PipelineStep step)
    {
        ArgumentNullException.ThrowIfNull(step);

        DependsOn(step.Name);
    }

    /// <summary>Runs it for, and before, another step.</summary>
    /// <param name="stepName">The name of the other step.</param>
    public void RequiredBy(string stepName)
    {
        ArgumentNullException.ThrowIfNull(stepName);

        RequiredBySteps.Add(stepName);
    }

    /// <summary>Runs it for, and before, another step.</summary>
    /// <param name="step">The other step.</param>
    public void RequiredBy(PipelineStep step)
    {
        ArgumentNullException.ThrowIfNull(step);

        RequiredBy(step.Name);
    }
}
