using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Ties a resource to another, for people to see.</summary>
/// <param name="resource">The other resource.</param>
/// <param name="type">The kind of tie, such as <c>Parent</c> or <c>Reference</c>.</param>
[DebuggerDisplay("Type = {GetType().Name,nq}, Resource = {Resource.Name}, RelationshipType = {Type}")]
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    /// <summary>Gets the other resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Gets the kind of tie.</summary>
    public string Type { get; } = type;
}
