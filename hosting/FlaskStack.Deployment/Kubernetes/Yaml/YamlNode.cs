using System.Globalization;

namespace Aspire.Hosting.Kubernetes.Yaml;

/// <summary>A part of a YAML document.</summary>
internal abstract class YamlNode
{
    public static implicit operator YamlNode(string text) => new YamlScalar(text, isText: true);

    public static implicit operator YamlNode(int number) => new YamlScalar(number.ToString(CultureInfo.InvariantCulture), isText: false);

    public static implicit operator YamlNode(bool flag) => new YamlScalar(flag ? "true" : "false", isText: false);
}
