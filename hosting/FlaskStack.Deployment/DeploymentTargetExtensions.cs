using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using FlaskStack.Deployment.Compose;
using FlaskStack.Deployment.ContainerApps;
using FlaskStack.Deployment.Kubernetes;
using FlaskStack.Deployment.Model;
using FlaskStack.Deployment.Systemd;

namespace Aspire.Hosting;

/// <summary>Adds deployment targets to an application. They have no effect when it runs.</summary>
public static class DeploymentTargetExtensions
{
    /// <summary>
    /// Adds Docker Compose as a target: the step <c>publish-{name}</c> writes <c>docker-compose.yaml</c>, the build contexts of its images,
    /// and <c>.env</c> with a line for each secret and each parameter without a value.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the target.</param>
    /// <param name="configure">Changes its properties.</param>
    /// <returns>A builder for the target.</returns>
    /// <example>
    /// <code>
    /// builder.AddComposeTarget("compose", target => target.HasDashboard = false);
    /// </code>
    /// </example>
    public static IResourceBuilder<ComposeTarget> AddComposeTarget(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<ComposeTarget>? configure = null) =>
        Add(builder, name, static (name, builder) => new ComposeTarget(name, builder), configure);

    /// <summary>Adds Kubernetes as a target: the step <c>publish-{name}</c> writes plain manifests with a kustomization.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the target.</param>
    /// <param name="configure">Changes its properties.</param>
    /// <returns>A builder for the target.</returns>
    /// <example>
    /// <code>
    /// builder.AddKubernetesTarget("kubernetes", target => target.RouteFromIngress(nginx.GetEndpoint("http"), "api.example.com"));
    /// </code>
    /// </example>
    public static IResourceBuilder<KubernetesTarget> AddKubernetesTarget(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<KubernetesTarget>? configure = null) =>
        Add(builder, name, static (name, builder) => new KubernetesTarget(name, builder), configure);

    /// <summary>
    /// Adds a Linux server as a target: the step <c>publish-{name}</c> writes systemd units, an nginx site, and scripts that install and
    /// upgrade.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the target.</param>
    /// <param name="configure">Changes its properties.</param>
    /// <returns>A builder for the target.</returns>
    /// <example>
    /// <code>
    /// builder.AddSystemdTarget("systemd", server => server.ProxyGroup = "nginx");
    /// </code>
    /// </example>
    public static IResourceBuilder<SystemdTarget> AddSystemdTarget(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<SystemdTarget>? configure = null) =>
        Add(builder, name, static (name, builder) => new SystemdTarget(name, builder), configure);

    /// <summary>
    /// Adds a Bicep module to the manifest, which azd reads for Azure Container Apps, for each project that is supervised or has replicas.
    /// </summary>
    /// <remarks>The manifest itself has no replica counts: azd would run one to ten replicas.</remarks>
    /// <param name="builder">The application.</param>
    /// <returns>The application.</returns>
    public static IDistributedApplicationBuilder AddContainerAppModules(this IDistributedApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Eventing.Subscribe<BeforePublishEvent>(static (published, _) =>
        {
            ContainerAppModule.AddTo(published.Model);
            return Task.CompletedTask;
        });
        return builder;
    }

    private static IResourceBuilder<T> Add<T>(
        IDistributedApplicationBuilder builder, string name, Func<string, IDistributedApplicationBuilder, T> create, Action<T>? configure)
        where T : DeploymentTarget
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var target = create(name, builder);
        configure?.Invoke(target);

        // As with Aspire's own compute environments: the dashboard does not show targets.
        return builder.ExecutionContext.IsRunMode ? builder.CreateResourceBuilder(target) : builder.AddResource(target);
    }
}
