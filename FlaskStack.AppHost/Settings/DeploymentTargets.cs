namespace FlaskStack.AppHost.Settings;

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
        var step = builder.Configuration["Pipeline:Step"] ?? string.Empty;
        if (!builder.ExecutionContext.IsPublishMode)
        {
            return;
        }

        if (step == ManifestStep)
        {
            builder.AddContainerAppModules();
        }
        else if (step.StartsWith(StepPrefix, StringComparison.Ordinal))
        {
            AddByStep(builder, step[StepPrefix.Length..]);
        }
        else
        {
            AddByKey(builder, builder.Configuration["Deploy:Target"] is { Length: > 0 } given ? given : Default);
        }
    }

    private static void AddByKey(IDistributedApplicationBuilder builder, string target)
    {
        if (!Known.TryGetValue(target, out var add))
        {
            throw new DistributedApplicationException($"Deploy:Target is '{target}', but it must be one of {string.Join(", ", Known.Keys)}.");
        }

        add(builder);
    }

    private static void AddByStep(IDistributedApplicationBuilder builder, string target)
    {
        // Where the name is wrong, the pipeline says which steps there are.
        foreach (var add in Known.Where(known => known.Key == target || !Known.ContainsKey(target)))
        {
            add.Value(builder);
        }
    }
}
