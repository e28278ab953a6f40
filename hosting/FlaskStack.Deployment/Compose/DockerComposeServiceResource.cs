using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Docker;

/// <summary>What a resource becomes in a Docker Compose file.</summary>
/// <param name="name">The name of the service.</param>
/// <param name="resource">The resource.</param>
/// <param name="composeEnvironmentResource">Where it becomes that.</param>
public class DockerComposeServiceResource(string name, IResource resource, DockerComposeEnvironmentResource composeEnvironmentResource)
    : Resource(name), IResourceWithParent<DockerComposeEnvironmentResource>
{
    /// <summary>The environment that the service is in.</summary>
    public DockerComposeEnvironmentResource Parent { get; } = composeEnvironmentResource ?? throw new ArgumentNullException(nameof(composeEnvironmentResource));

    internal IResource Target { get; } = resource ?? throw new ArgumentNullException(nameof(resource));
}
