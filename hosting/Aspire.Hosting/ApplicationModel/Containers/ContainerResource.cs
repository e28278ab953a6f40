using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A container image that is run by a container engine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="entrypoint">The program that replaces the image's own; null to keep that.</param>
[DebuggerDisplay("Type = {GetType().Name,nq}, Name = {Name}")]
public class ContainerResource(string name, string? entrypoint = null)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    /// <summary>The program that replaces the image's own; null to keep that.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}
