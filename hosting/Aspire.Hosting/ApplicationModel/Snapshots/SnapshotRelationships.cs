using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

internal static class SnapshotRelationships
{
    /// <summary>
    /// The ties but those of a replica to its group. Dashboard and CLI take a tie to a name for ties to all rows of that name: it would
    /// name the replica and its siblings as parents, and the property for the parent says it well.
    /// </summary>
    public static IEnumerable<RelationshipSnapshot> WithoutTiesTo(this ImmutableArray<RelationshipSnapshot> relationships, string resourceName)
        => relationships.OrEmpty().Where(relationship => !relationship.ResourceName.Equals(resourceName, StringComparison.OrdinalIgnoreCase));
}
