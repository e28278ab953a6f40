using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

/// <summary>
/// The dashboard takes a tie to a name for ties to all rows of that name. That a replica belongs to its group is left out
/// for that reason: it would name the replica and its siblings as parents, and the property for the parent says it well.
/// </summary>
internal static class RelationshipConversion
{
    public static IEnumerable<ResourceRelationship> ToMessages(string resourceName, ImmutableArray<RelationshipSnapshot> relationships)
        => relationships.OrEmpty().Where(relationship => !relationship.ResourceName.Equals(resourceName, StringComparison.OrdinalIgnoreCase)).Select(ToMessage);

    private static ResourceRelationship ToMessage(RelationshipSnapshot relationship) => new() { ResourceName = relationship.ResourceName, Type = relationship.Type };
}
