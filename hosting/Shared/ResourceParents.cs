using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Shared;

/// <summary>Finds the parents of a resource.</summary>
internal static class ResourceParents
{
    /// <summary>The type of the relationship that <c>WithParentRelationship</c> adds.</summary>
    public const string Relationship = "Parent";

    /// <summary>The parents of a resource.</summary>
    public static IEnumerable<IResource> Of(IResource resource) => resource.Annotations.OfType<ResourceRelationshipAnnotation>()
        .Where(static relationship => relationship.Type == Relationship)
        .Select(static relationship => relationship.Resource);
}
