using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Shared;

/// <summary>Which resources another one belongs to, as Aspire says it.</summary>
internal static class ResourceParents
{
    /// <summary>What <c>WithParentRelationship</c> writes. Other relationships, such as that of a reference, say nothing of who belongs to whom.</summary>
    public const string Relationship = "Parent";

    /// <summary>The resources that have been made the parent of one.</summary>
    public static IEnumerable<IResource> Of(IResource resource) => resource.Annotations.OfType<ResourceRelationshipAnnotation>()
        .Where(static relationship => relationship.Type == Relationship)
        .Select(static relationship => relationship.Resource);
}
