using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Runtime;

internal static class SnapshotExtensions
{
    /// <summary>The value of a property, or null.</summary>
    public static object? ValueOf(this CustomResourceSnapshot snapshot, string property) =>
        snapshot.Properties.IsDefault ? null : snapshot.Properties.FirstOrDefault(candidate => candidate.Name == property)?.Value;

    /// <summary>The snapshot with properties set, which the dashboard shows among the first; those whose value is null are taken away.</summary>
    public static CustomResourceSnapshot With(this CustomResourceSnapshot snapshot, params (string Name, object? Value)[] values) => snapshot with
    {
        Properties =
        [
            .. (snapshot.Properties.IsDefault ? [] : snapshot.Properties).Where(property => !values.Any(value => value.Name == property.Name)),
            .. values.Where(value => value.Value is not null).Select(Show),
        ],
    };

    private static ResourcePropertySnapshot Show((string Name, object? Value) property) =>
        new(property.Name, property.Value) { DisplayName = PropertyNames.DisplayOf(property.Name), IsHighlighted = true };
}
