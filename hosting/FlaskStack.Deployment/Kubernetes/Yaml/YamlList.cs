using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Kubernetes.Yaml;

/// <summary>Values in order.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "Named after YAML's own word.")]
internal sealed class YamlList : YamlNode, IEnumerable<YamlNode>
{
    private readonly List<YamlNode> _items = [];

    public YamlList()
    {
    }

    public YamlList(IEnumerable<YamlNode> items) => _items.AddRange(items);

    public int Count => _items.Count;

    public void Add(YamlNode item) => _items.Add(item);

    public IEnumerator<YamlNode> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
