using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Publishing.Values;

namespace Aspire.Hosting;

/// <summary>Publishes an application for Kubernetes.</summary>
public static class KubernetesEnvironmentExtensions
{
    /// <summary>
    /// Adds a Kubernetes cluster that the application may be published for: the step <c>publish-{name}</c> writes its manifests. It
    /// changes nothing while the application runs here.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource.</param>
    /// <returns>A builder for the resource.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <example>
    /// <code>
    /// builder.AddKubernetesEnvironment("kubernetes");
    /// </code>
    /// </example>
    public static IResourceBuilder<KubernetesEnvironmentResource> AddKubernetesEnvironment(this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var appHost = builder.Environment.ApplicationName;
        var resource = new KubernetesEnvironmentResource(name) { ApplicationName = ApplicationName.Of(appHost), AppHost = appHost };

        // As in Aspire: no row of what is not here.
        return builder.ExecutionContext.IsRunMode ? builder.CreateResourceBuilder(resource) : builder.AddResource(resource);
    }

    /// <summary>Changes the properties of a cluster.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Changes them.</param>
    /// <returns>The builder.</returns>
    /// <example>
    /// <code>
    /// builder.AddKubernetesEnvironment("kubernetes").WithProperties(cluster => cluster.DefaultImagePullPolicy = "Always");
    /// </code>
    /// </example>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithProperties(this IResourceBuilder<KubernetesEnvironmentResource> builder, Action<KubernetesEnvironmentResource> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        configure(builder.Resource);
        return builder;
    }
}
