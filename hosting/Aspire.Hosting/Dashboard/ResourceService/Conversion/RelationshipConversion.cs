using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

internal static class RelationshipConversion
{
    public static IEnumerable<ResourceRelationship> ToMessages(string resourceName, ImmutableArray<RelationshipSnapshot> relationships)
        => relationships.WithoutTiesTo(resourceName).Select(ToMessage);

    private static ResourceRelationship ToMessage(RelationshipSnapshot relationship) => new() { ResourceName = relationship.ResourceName, Type = relationship.Type };
}
