using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Base of resources: a name and a list of annotations.</summary>
[DebuggerDisplay("Type = {GetType().Name,nq}, Name = {Name}, Annotations = {Annotations.Count}")]
public abstract class Resource : IResource
{
    /// <summary>Initializes a resource.</summary>
    /// <param name="name">The model name: ASCII letters, digits and hyphens, as the builder checks when the resource is added.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    protected Resource(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    /// <inheritdoc />
    public virtual string Name { get; }

    /// <inheritdoc />
    public virtual ResourceAnnotationCollection Annotations { get; } = [];
}
