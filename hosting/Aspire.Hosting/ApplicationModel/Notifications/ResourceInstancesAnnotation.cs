using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Says which rows a resource has in <see cref="ResourceNotificationService"/> before the first of them is published.
/// Without it, a resource has the rows published so far, and before the first of them one named as the model names it.
/// </summary>
/// <param name="ids">The rows in order; a group row is named as the model names the resource and comes first.</param>
internal sealed class ResourceInstancesAnnotation(ImmutableArray<string> ids) : IResourceAnnotation
{
    public ImmutableArray<string> Ids { get; } = ids;
}
