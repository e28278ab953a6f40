using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project that is run as one or more processes.</summary>
/// <param name="name">The resource's name.</param>
[DebuggerDisplay("Type = {GetType().Name,nq}, Name = {Name}")]
public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport, IComputeResource
{
}
