using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Rejects a model that cannot mean what its author thinks.</summary>
internal static class ModelValidator
{
    /// <exception cref="DistributedApplicationException">A resource name was changed after it was added, or is used twice.</exception>
    public static void Validate(IEnumerable<IResource> resources)
    {
        foreach (var group in resources.GroupBy(r => r.Name, StringComparer.OrdinalIgnoreCase))
        {
            ModelName.Validate("Resource", group.Key);
            if (group.Skip(1).Any())
            {
                throw new DistributedApplicationException($"Multiple resources are named '{group.Key}'. Resource names are case-insensitive; give each its own.");
            }
        }
    }
}
