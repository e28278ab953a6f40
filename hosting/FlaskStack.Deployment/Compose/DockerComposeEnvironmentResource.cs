using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker.Resources;

namespace Aspire.Hosting.Docker;

/// <summary>Docker Compose as a place to deploy to.</summary>
/// <param name="name">The name of the resource.</param>
public class DockerComposeEnvironmentResource(string name) : Resource(name), IComputeEnvironmentResource
{
    /// <summary>The network that the services share. Default: <c>aspire</c>.</summary>
    public string? DefaultNetworkName { get; set; }

    /// <summary>Whether the Aspire dashboard is deployed too. Default: true.</summary>
    public bool DashboardEnabled { get; set; } = true;

    internal DockerComposeAspireDashboardResource? Dashboard { get; set; }

    internal Action<ComposeFile>? ConfigureComposeFile { get; set; }

    /// <inheritdoc/>
    public ReferenceExpression GetHostAddressExpression(EndpointReference endpointReference)
    {
        ArgumentNullException.ThrowIfNull(endpointReference);

        return ReferenceExpression.Create($"{ServiceNameOf(endpointReference.Resource)}");
    }

    /// <summary>Services find each other under these names.</summary>
    internal static string ServiceNameOf(IResource resource) => resource.Name.ToLowerInvariant();
}
