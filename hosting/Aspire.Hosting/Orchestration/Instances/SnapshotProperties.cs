using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>Sets properties of a snapshot by name.</summary>
internal static class SnapshotProperties
{
    public static ImmutableArray<ResourcePropertySnapshot> With(this ImmutableArray<ResourcePropertySnapshot> properties, params IEnumerable<ResourcePropertySnapshot> changes)
    {
        var result = properties.IsDefault ? [] : properties;
        foreach (var change in changes)
        {
            var index = IndexOf(result, change.Name);
            result = index < 0 ? result.Add(change) : result.SetItem(index, change);
        }

        return result;
    }

    public static ImmutableArray<ResourcePropertySnapshot> Without(this ImmutableArray<ResourcePropertySnapshot> properties, string name) =>
        properties.IsDefault ? [] : properties.RemoveAll(p => p.Name == name);

    private static int IndexOf(ImmutableArray<ResourcePropertySnapshot> properties, string name)
    {
        for (var i = 0; i < properties.Length; i++)
        {
            if (properties[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
