using Aspire.Hosting.Publishing;

namespace FlaskStack.AppHost;

/// <summary>
/// Where the stack can be deployed to. One at a time: Aspire wants every resource in one compute environment. The step names it
/// (<c>aspire do publish-compose</c>); for <c>aspire publish</c> the key <c>Deploy:Target</c> does, and the default is
/// <c>compose</c>. The manifest for azd needs none.
/// </summary>
internal static class DeploymentTargets
{
    private const string StepPrefix = "publish-";
    private const string ManifestStep = "publish-manifest";
    private const string Default = "compose";

    private static readonly Dictionary<string, Action<IDistributedApplicationBuilder>> Known = new()
    {
        ["compose"] = static builder => builder.AddComposeTarget("compose"),
        ["kubernetes"] = static builder => builder.AddKubernetesTarget("kubernetes"),
        ["systemd"] = static builder => builder.AddSystemdTarget("systemd"),
    };

    /// <summary>Adds the target that is asked for; changes nothing while running.</summary>
    /// <exception cref="DistributedApplicationException">There is no such target.</exception>
    public static void AddDeploymentTarget(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsPublishMode)
        {
            return;
        }

        var step = builder.Configuration["Pipeline:Step"] ?? string.Empty;
        if (step == ManifestStep)
        {
            builder.AddContainerAppModules();
        }
        else
        {
            TargetOf(step, builder.Configuration["Deploy:Target"])(builder);
        }

        TellWhetherItFailed(builder);
    }

    private static Action<IDistributedApplicationBuilder> TargetOf(string step, string? key)
    {
        if (step.StartsWith(StepPrefix, StringComparison.Ordinal) && Known.TryGetValue(step[StepPrefix.Length..], out var named))
        {
            return named;
        }

        return Known.TryGetValue(key is { Length: > 0 } ? key : Default, out var target)
            ? target
            : throw new DistributedApplicationException(
                $"Deploy:Target is '{key}', but it must be one of {string.Join(", ", Known.Keys)}.");
    }

    /// <summary>Where no CLI listens, Aspire's host exits with 0 though a step has failed.</summary>
    private static void TellWhetherItFailed(IDistributedApplicationBuilder builder)
    {
        if (bool.TryParse(builder.Configuration["Pipeline:ListSteps"], out var listsOnly) && listsOnly)
        {
            return;
        }

        Environment.ExitCode = 1;
        builder.Eventing.Subscribe<AfterPublishEvent>(static (_, _) =>
        {
            Environment.ExitCode = 0;
            return Task.CompletedTask;
        });
    }
}
