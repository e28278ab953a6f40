using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Pipelines;

/// <summary>Collects steps, and runs one of them after all that it needs, one at a time and always in the same order.</summary>
internal sealed class DistributedApplicationPipeline : IDistributedApplicationPipeline
{
    private readonly List<PipelineStep> _steps = [.. BuiltInSteps.Create(), ManifestStep.Create()];
    private readonly List<Func<PipelineConfigurationContext, Task>> _configurations = [];

    public void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(action);

        AddStep(new PipelineStep
        {
            Name = name,
            Action = action,
            DependsOnSteps = [.. Names(dependsOn, nameof(dependsOn))],
            RequiredBySteps = [.. Names(requiredBy, nameof(requiredBy))],
        });
    }

    public void AddStep(PipelineStep step)
    {
        ArgumentNullException.ThrowIfNull(step);

        if (_steps.Any(other => other.Name == step.Name))
        {
            throw new InvalidOperationException($"The pipeline has a step named '{step.Name}' already.");
        }

        _steps.Add(step);
    }

    public void AddPipelineConfiguration(Func<PipelineConfigurationContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);

        _configurations.Add(callback);
    }

    public Task ExecuteAsync(PipelineContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var step = context.Services.GetRequiredService<IOptions<PipelineOptions>>().Value.Step;
        return ExecuteAsync(context, string.IsNullOrEmpty(step) ? null : step);
    }

    /// <summary>Runs a step after all that it needs; every step when it is null.</summary>
    /// <exception cref="DistributedApplicationException">A step failed, there is no such step or nothing to do, or steps wait for each other.</exception>
    public async Task ExecuteAsync(PipelineContext context, string? step)
    {
        var graph = await ResolveAsync(context).ConfigureAwait(false);
        var steps = graph.OrderFor(step);
        if (step is WellKnownPipelineSteps.Publish or WellKnownPipelineSteps.Build or WellKnownPipelineSteps.Deploy && steps.All(BuiltInSteps.IsGathering))
        {
            throw new DistributedApplicationException(
                $"The step '{step}' has nothing to do: no resource of the application takes part in it. Add a compute environment that does, or name another of {string.Join(", ", graph.Steps.Select(static other => other.Name))}.");
        }

        await context.Services.GetRequiredService<PipelineRunner>().RunAsync(steps, context).ConfigureAwait(false);
    }

    /// <summary>All steps, those of the resources included, and what they wait for.</summary>
    public async Task<PipelineGraph> ResolveAsync(PipelineContext context)
    {
        var steps = new List<PipelineStep>(_steps);
        foreach (var resource in context.Model.Resources.ToArray())
        {
            foreach (var annotation in resource.Annotations.OfType<PipelineStepAnnotation>().ToArray())
            {
                foreach (var step in await annotation.CreateStepsAsync(new() { PipelineContext = context, Resource = resource }).ConfigureAwait(false))
                {
                    step.Resource ??= resource;
                    steps.Add(step);
                }
            }
        }

        // A configuration may add to the steps that were given once and for all, and they are resolved more than once.
        steps = [.. steps.Select(Copy)];
        await ConfigureAsync(context, steps).ConfigureAwait(false);
        return new PipelineGraph(steps);
    }

    private async Task ConfigureAsync(PipelineContext context, List<PipelineStep> steps)
    {
        var ofResources = context.Model.Resources.SelectMany(static resource => resource.Annotations.OfType<PipelineConfigurationAnnotation>());
        var configuration = new PipelineConfigurationContext { Services = context.Services, Steps = steps, Model = context.Model };
        foreach (var configure in _configurations.Concat(ofResources.Select(static annotation => annotation.Callback)).ToArray())
        {
            await configure(configuration).ConfigureAwait(false);
        }
    }

    private static PipelineStep Copy(PipelineStep step) => new()
    {
        Name = step.Name,
        Description = step.Description,
        Action = step.Action,
        DependsOnSteps = [.. step.DependsOnSteps],
        RequiredBySteps = [.. step.RequiredBySteps],
        Tags = [.. step.Tags],
        Resource = step.Resource,
    };

    private static IEnumerable<string> Names(object? names, string parameter) => names switch
    {
        null => [],
        string name => [name],
        IEnumerable<string> several => several,
        _ => throw new ArgumentException($"The name of a step is wanted, or names of steps, not a {names.GetType().Name}.", parameter),
    };
}
