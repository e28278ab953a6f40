using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Says which rows a resource has in <see cref="ResourceNotificationService"/> before the first of them is published.
/// Without it, a resource has the rows published so far, and before the first of them one named as the model names it.
/// </summary>
/// <param name="ids">The rows in order; a group row is named as the model names the resource and comes first.</param>
/// <param name="spares">Instances that may be added while it runs; they are no rows of the resource until they are.</param>
internal sealed class ResourceInstancesAnnotation(ImmutableArray<string> ids, ImmutableArray<string> spares = default) : IResourceAnnotation
{
    private readonly ImmutableArray<string> _all = spares.IsDefault ? ids : [.. ids, .. spares];
    private volatile int _count = ids.Length;

    /// <summary>Gets the rows that count.</summary>
    public ImmutableArray<string> Ids => _all[.._count];

    /// <summary>Gets those rows and, after them, the spares.</summary>
    public ImmutableArray<string> All => _all;

    /// <summary>Makes the next spare a row of the resource, or the last row a spare.</summary>
    /// <param name="change">One or minus one.</param>
    public void Grow(int change) => _count = Math.Clamp(_count + change, 0, _all.Length);
}
