using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker.Resources.ComposeNodes;

namespace Aspire.Hosting.Docker;

/// <summary>Changes the service that a resource becomes.</summary>
/// <param name="configure">Changes the service.</param>
public sealed class DockerComposeServiceCustomizationAnnotation(Action<DockerComposeServiceResource, Service> configure) : IResourceAnnotation
{
    /// <summary>Changes the service.</summary>
    public Action<DockerComposeServiceResource, Service> Configure { get; } = configure ?? throw new ArgumentNullException(nameof(configure));
}
