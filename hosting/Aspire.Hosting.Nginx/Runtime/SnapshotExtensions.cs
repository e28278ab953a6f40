using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Runtime;

internal static class SnapshotExtensions
{
    /// <summary>The snapshot with one property set.</summary>
    public static CustomResourceSnapshot With(this CustomResourceSnapshot snapshot, string name, object value) => snapshot with
    {
        Properties = [.. snapshot.Properties.Where(property => property.Name != name), new(name, value)],
    };

    /// <summary>The snapshot without that property.</summary>
    public static CustomResourceSnapshot Without(this CustomResourceSnapshot snapshot, string name) => snapshot with
    {
        Properties = [.. snapshot.Properties.Where(property => property.Name != name)],
    };
}
