using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>All resources of an application.</summary>
/// <param name="resources">The resources.</param>
[DebuggerDisplay("Resources = {Resources.Count}")]
public class DistributedApplicationModel(IResourceCollection resources)
{
    /// <summary>Initializes the model with a copy of the given resources.</summary>
    /// <param name="resources">The resources, with names that are unique whatever their case.</param>
    /// <exception cref="DistributedApplicationException">Two resources have the same name.</exception>
    public DistributedApplicationModel(IEnumerable<IResource> resources)
        : this(new ResourceCollection(resources))
    {
    }

    /// <summary>Gets the resources.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public IResourceCollection Resources { get; } = resources ?? throw new ArgumentNullException(nameof(resources));
}
