using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The name that a container has in its engine.</summary>
[DebuggerDisplay("Type = {GetType().Name,nq}, Name = {Name}")]
public sealed class ContainerNameAnnotation : IResourceAnnotation
{
    /// <summary>The name.</summary>
    public required string Name { get; set; }
}
