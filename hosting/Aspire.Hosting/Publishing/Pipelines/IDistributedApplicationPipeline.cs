using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>The steps that publish and deploy an application. They run in publish mode only, each after those it depends on.</summary>
/// <example>
/// <code>
/// builder.Pipeline.AddStep("write-notes", context => File.WriteAllTextAsync(notes, "…"), requiredBy: WellKnownPipelineSteps.Publish);
/// </code>
/// </example>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IDistributedApplicationPipeline
{
    /// <summary>Adds a step.</summary>
    /// <param name="name">Its name, as <c>--step</c> and <c>aspire do</c> take it.</param>
    /// <param name="action">What it does.</param>
    /// <param name="dependsOn">The name of a step, or the names of steps, that come before it.</param>
    /// <param name="requiredBy">The name of a step, or the names of steps, that come after it.</param>
    /// <exception cref="InvalidOperationException">There is a step of that name.</exception>
    /// <exception cref="ArgumentException"><paramref name="dependsOn"/> or <paramref name="requiredBy"/> is neither a string nor strings.</exception>
    void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null);

    /// <summary>Adds a step.</summary>
    /// <param name="step">The step.</param>
    /// <exception cref="InvalidOperationException">There is a step of that name.</exception>
    [SuppressMessage("Naming", "CA1716", Justification = "The name is Aspire's.")]
    void AddStep(PipelineStep step);

    /// <summary>Changes the steps once all of them are known, those of the resources included.</summary>
    /// <param name="callback">Gets the steps.</param>
    void AddPipelineConfiguration(Func<PipelineConfigurationContext, Task> callback);

    /// <summary>Runs the step that <see cref="PipelineOptions.Step"/> names, after all that it needs; every step when it names none.</summary>
    /// <param name="context">What the steps work on.</param>
    /// <exception cref="DistributedApplicationException">A step failed, there is no such step, or steps wait for each other.</exception>
    Task ExecuteAsync(PipelineContext context);
}
