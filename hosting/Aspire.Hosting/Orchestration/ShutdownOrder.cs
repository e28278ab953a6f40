using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Groups resources into layers that stop one after the other: whoever depends on others stops before them.</summary>
internal static class ShutdownOrder
{
    /// <summary>
    /// The layers, first to stop first. A dependency is a wait or any relationship but a parent's; a cycle is broken
    /// where it is met, since a stop must never get stuck.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<IResource>> Layers(IEnumerable<IResource> resources)
    {
        var all = resources.ToArray();
        var dependents = all.ToDictionary(r => r, r => all.Where(other => other != r && DependsOn(other, r)).ToArray());
        var depths = new Dictionary<IResource, int>();

        return [.. all.GroupBy(r => Depth(r, [])).OrderBy(g => g.Key).Select(g => (IReadOnlyList<IResource>)[.. g])];

        int Depth(IResource resource, HashSet<IResource> path)
        {
            if (depths.TryGetValue(resource, out var known))
            {
                return known;
            }

            if (!path.Add(resource))
            {
                return 0;
            }

            var depth = dependents[resource].Select(d => Depth(d, path) + 1).DefaultIfEmpty(0).Max();
            path.Remove(resource);
            return depths[resource] = depth;
        }
    }

    private static bool DependsOn(IResource dependent, IResource dependency) =>
        dependent.Annotations.OfType<WaitAnnotation>().Any(w => w.Resource == dependency) ||
        dependent.Annotations.OfType<ResourceRelationshipAnnotation>().Any(r => r.Resource == dependency && r.Type != KnownRelationshipTypes.Parent);
}
