using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

/// <summary>The steps that every pipeline has.</summary>
internal static class BuiltInSteps
{
    public static IEnumerable<PipelineStep> Create() =>
    [
        Gathering(WellKnownPipelineSteps.BeforeStart, "Settles where resources go."),
        new()
        {
            Name = WellKnownPipelineSteps.ValidateComputeEnvironments,
            Description = "Checks that every resource goes to one compute environment.",
            Action = static context => ValidateComputeEnvironments(context.Model),
            RequiredBySteps = [WellKnownPipelineSteps.BeforeStart],
        },
        Gathering(WellKnownPipelineSteps.PublishPrereq, "Prepares for writing files."),
        Gathering(WellKnownPipelineSteps.Publish, "Writes the files of every compute environment.", WellKnownPipelineSteps.PublishPrereq),
        Gathering(WellKnownPipelineSteps.BuildPrereq, "Prepares for building images."),
        Gathering(WellKnownPipelineSteps.Build, "Builds the images.", WellKnownPipelineSteps.BuildPrereq),
        Gathering(WellKnownPipelineSteps.DeployPrereq, "Prepares for deploying."),
        Gathering(WellKnownPipelineSteps.Deploy, "Deploys to every compute environment.", WellKnownPipelineSteps.DeployPrereq),
    ];

    /// <summary>Whether a step only holds others together.</summary>
    public static bool IsGathering(PipelineStep step) => step.Action == Nothing;

    /// <summary>Whether nobody need read of a step, unless it fails.</summary>
    public static bool IsQuiet(PipelineStep step) => IsGathering(step) || step.Name == WellKnownPipelineSteps.ValidateComputeEnvironments;

    private static PipelineStep Gathering(string name, string description, params string[] dependsOn) =>
        new() { Name = name, Description = description, Action = Nothing, DependsOnSteps = [.. dependsOn] };

    private static Task Nothing(PipelineStepContext context) => Task.CompletedTask;

    /// <summary>As in Aspire: where there are several environments, each compute resource says which one is meant.</summary>
    private static Task ValidateComputeEnvironments(DistributedApplicationModel model)
    {
        var environments = model.Resources.OfType<IComputeEnvironmentResource>().Select(static environment => $"'{environment.Name}'").ToArray();
        var unbound = model.GetComputeResources().Where(static resource => resource.GetComputeEnvironment() is null).Select(static resource => $"'{resource.Name}'").ToArray();
        return environments.Length < 2 || unbound.Length == 0
            ? Task.CompletedTask
            : throw new DistributedApplicationException(
                $"There are several compute environments ({string.Join(", ", environments)}), and nothing says which one is for {string.Join(", ", unbound)}: call WithComputeEnvironment.");
    }
}
