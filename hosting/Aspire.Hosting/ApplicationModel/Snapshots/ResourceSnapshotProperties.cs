using System.Collections.Immutable;
using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Changes to the properties of a snapshot. Property names are compared without regard to case, as in Aspire.</summary>
internal static class ResourceSnapshotProperties
{
    /// <summary>Gives a property a value, in its place where it is there already.</summary>
    public static ImmutableArray<ResourcePropertySnapshot> SetProperty(this ImmutableArray<ResourcePropertySnapshot> properties, string name, object? value, bool isSensitive = false)
        => properties.SetProperty(new ResourcePropertySnapshot(name, value) { IsSensitive = isSensitive });

    /// <summary>Gives properties their values, each in its place where it is there already.</summary>
    public static ImmutableArray<ResourcePropertySnapshot> SetProperties(this ImmutableArray<ResourcePropertySnapshot> properties, IEnumerable<ResourcePropertySnapshot> changes)
        => changes.Aggregate(properties, static (all, change) => all.SetProperty(change));

    /// <summary>Gets a property's value as a number; none when it is absent or no finite number.</summary>
    public static double? GetNumber(this ImmutableArray<ResourcePropertySnapshot> properties, string name)
    {
        var index = properties.IsDefault ? -1 : properties.IndexOf(name);
        double? number = index < 0 ? null : properties[index].Value switch
        {
            string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
            int or long or uint or ulong or short or byte or float or double or decimal => Convert.ToDouble(properties[index].Value, CultureInfo.InvariantCulture),
            _ => null,
        };

        return number is { } value && double.IsFinite(value) ? value : null;
    }

    /// <summary>Takes a property away.</summary>
    public static ImmutableArray<ResourcePropertySnapshot> RemoveProperty(this ImmutableArray<ResourcePropertySnapshot> properties, string name)
    {
        var index = properties.IndexOf(name);
        return index < 0 ? properties : properties.RemoveAt(index);
    }

    private static ImmutableArray<ResourcePropertySnapshot> SetProperty(this ImmutableArray<ResourcePropertySnapshot> properties, ResourcePropertySnapshot property)
    {
        var index = properties.IndexOf(property.Name);
        return index < 0 ? properties.Add(property) : properties.SetItem(index, property);
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
