using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Works on the parts of connections.</summary>
public static class ConnectionPropertiesExtensions
{
    /// <summary>The parts of a resource's connection and more; of two with one name the added one counts.</summary>
    /// <param name="source">The resource.</param>
    /// <param name="additional">The parts to add.</param>
    public static IEnumerable<KeyValuePair<string, ReferenceExpression>> CombineProperties(this IResourceWithConnectionString source, IEnumerable<KeyValuePair<string, ReferenceExpression>> additional)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(additional);

        var combined = new Dictionary<string, ReferenceExpression>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in source.GetConnectionProperties().Concat(additional))
        {
            combined[name] = value;
        }

        return combined;
    }
}
