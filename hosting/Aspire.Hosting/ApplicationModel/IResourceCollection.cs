using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resources of an application. Names are unique, whatever their case.</summary>
public interface IResourceCollection : IList<IResource>
{
    /// <summary>Finds a resource by its model name, ignoring case.</summary>
    /// <param name="name">The model name.</param>
    /// <param name="resource">The resource, when there is one.</param>
    /// <returns><see langword="true"/> when there is such a resource.</returns>
    bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource);
}
