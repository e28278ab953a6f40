using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Changes to the properties of a snapshot. Property names are compared without regard to case, as in Aspire.</summary>
internal static class ResourceSnapshotProperties
{
    /// <summary>Gives a property a value, in its place where it is there already.</summary>
    public static ImmutableArray<ResourcePropertySnapshot> SetProperty(this ImmutableArray<ResourcePropertySnapshot> properties, string name, object? value, bool isSensitive = false)
    {
        var property = new ResourcePropertySnapshot(name, value) { IsSensitive = isSensitive };
        var index = properties.IndexOf(name);
        return index < 0 ? properties.Add(property) : properties.SetItem(index, property);
    }

    /// <summary>Takes a property away.</summary>
    public static ImmutableArray<ResourcePropertySnapshot> RemoveProperty(this ImmutableArray<ResourcePropertySnapshot> properties, string name)
    {
        var index = properties.IndexOf(name);
        return index < 0 ? properties : properties.RemoveAt(index);
    }

    private static int IndexOf(this ImmutableArray<ResourcePropertySnapshot> properties, string name)
    {
        for (var i = 0; i < properties.Length; i++)
        {
            if (properties[i].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}
