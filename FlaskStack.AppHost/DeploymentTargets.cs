using Aspire.Hosting.Publishing;

namespace FlaskStack.AppHost;

/// <summary>
/// The targets the stack can be published to. One is added at a time, because Aspire requires every resource in one compute environment.
/// The pipeline's step selects it (<c>aspire do publish-compose</c>), or for <c>aspire publish</c> the key <c>Deploy:Target</c>, by default
/// <c>compose</c>. The manifest for azd needs no target. With <c>Deploy:SocketActivation</c> (default false) systemd holds the sockets.
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
        ["systemd"] = static builder => builder.AddSystemdTarget(
            "systemd", server => server.SocketActivation = StackSettings.Truth(builder.Configuration, "Deploy:SocketActivation") ?? false),
    };

    /// <summary>Adds the selected target when publishing; does nothing when running.</summary>
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

        SetExitCode(builder);
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

    /// <summary>Exits with 1 if a step fails. Without the CLI, Aspire's host would exit with 0.</summary>
    private static void SetExitCode(IDistributedApplicationBuilder builder)
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
