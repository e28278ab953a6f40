using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A list of resources that also finds them by name and refuses a second one of the same name.</summary>
[DebuggerDisplay("Count = {Count}")]
internal sealed class ResourceCollection : Collection<IResource>, IResourceCollection
{
    private readonly Dictionary<string, IResource> _byName = new(StringComparer.OrdinalIgnoreCase);

    public ResourceCollection()
    {
    }

    public ResourceCollection(IEnumerable<IResource> resources)
    {
        foreach (var resource in resources)
        {
            Add(resource);
        }
    }

    public bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource) => _byName.TryGetValue(name, out resource);

    protected override void InsertItem(int index, IResource item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (!_byName.TryAdd(item.Name, item))
        {
            throw Duplicate(item, _byName[item.Name]);
        }

        base.InsertItem(index, item);
    }

    protected override void SetItem(int index, IResource item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var replaced = this[index];
        if (_byName.TryGetValue(item.Name, out var existing) && !ReferenceEquals(existing, replaced))
        {
            throw Duplicate(item, existing);
        }

        _byName.Remove(replaced.Name);
        _byName[item.Name] = item;
        base.SetItem(index, item);
    }

    protected override void RemoveItem(int index)
    {
        _byName.Remove(this[index].Name);
        base.RemoveItem(index);
    }

    protected override void ClearItems()
    {
        _byName.Clear();
        base.ClearItems();
    }

    private static DistributedApplicationException Duplicate(IResource added, IResource existing) => new(
        $"Cannot add resource of type '{added.GetType()}' with name '{added.Name}': resource of type '{existing.GetType()}' already has the name '{existing.Name}'. Resource names are case-insensitive; give one of them another name.");
}
