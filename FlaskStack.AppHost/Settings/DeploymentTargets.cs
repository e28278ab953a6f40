namespace FlaskStack.AppHost.Settings;

/// <summary>
/// Where the stack can be deployed to. One at a time: Aspire wants every resource in one compute environment. The step names it
/// (<c>aspire do publish-compose</c>); for <c>aspire publish</c> and <c>aspire deploy</c> the key <c>Deploy:Target</c> does, and
/// the default is <c>compose</c>. The manifest for azd needs none.
/// </summary>
internal static class DeploymentTargets
{
    private const string StepPrefix = "publish-";
    private const string ManifestStep = "publish-manifest";
    private const string Compose = "compose";
    private const string Kubernetes = "kubernetes";
    private const string Systemd = "systemd";

    private static readonly Dictionary<string, Action<IDistributedApplicationBuilder>> Known = new()
    {
        [Compose] = static builder => builder.AddComposeTarget(Compose),
        [Kubernetes] = static builder => builder.AddKubernetesTarget(Kubernetes),
        [Systemd] = static builder => builder.AddSystemdTarget(Systemd),
    };

    /// <summary>Adds the compute environment that is asked for; changes nothing while running.</summary>
    /// <exception cref="DistributedApplicationException">There is no such target.</exception>
    public static void AddDeploymentTarget(this IDistributedApplicationBuilder builder)
    {
        var step = builder.Configuration["Pipeline:Step"] ?? string.Empty;
        if (!builder.ExecutionContext.IsPublishMode || step == ManifestStep)
        {
            return;
        }

        if (step.StartsWith(StepPrefix, StringComparison.Ordinal))
        {
            AddByStep(builder, step[StepPrefix.Length..]);
            return;
        }

        var target = builder.Configuration["Deploy:Target"] is { Length: > 0 } given ? given : Compose;
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
