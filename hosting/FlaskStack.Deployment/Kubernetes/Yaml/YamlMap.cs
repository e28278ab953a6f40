using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Kubernetes.Yaml;

/// <summary>Keys with their values, in the order in which they were added.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "Named after YAML's own word.")]
internal sealed class YamlMap : YamlNode, IEnumerable<KeyValuePair<string, YamlNode>>
{
    private readonly List<KeyValuePair<string, YamlNode>> _entries = [];

    public int Count => _entries.Count;

    /// <summary>Adds an entry; one without a value is left out.</summary>
    public void Add(string key, YamlNode? value)
    {
        if (value is not null)
        {
            _entries.Add(new(key, value));
        }
    }

    public IEnumerator<KeyValuePair<string, YamlNode>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
