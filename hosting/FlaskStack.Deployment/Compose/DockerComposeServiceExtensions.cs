using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker;
using Aspire.Hosting.Docker.Resources.ComposeNodes;

namespace Aspire.Hosting;

/// <summary>Changes what resources become in a Docker Compose file.</summary>
public static class DockerComposeServiceExtensions
{
    /// <summary>Changes the service that the resource becomes.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="configure">Changes the service.</param>
    /// <example>
    /// <code>
    /// api.PublishAsDockerComposeService((_, service) => service.Image = "ghcr.io/me/api:1.2");
    /// </code>
    /// </example>
    public static IResourceBuilder<T> PublishAsDockerComposeService<T>(this IResourceBuilder<T> builder, Action<DockerComposeServiceResource, Service> configure)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        return builder.ApplicationBuilder.ExecutionContext.IsPublishMode
            ? builder.WithAnnotation(new DockerComposeServiceCustomizationAnnotation(configure))
            : builder;
    }
}
