namespace Aspire.Hosting.Kubernetes.Yaml;

/// <summary>A single value.</summary>
/// <param name="value">The value.</param>
/// <param name="isText">Whether it stays text even when it looks like a number or a flag.</param>
internal sealed class YamlScalar(string value, bool isText) : YamlNode
{
    public string Value { get; } = value;

    public bool IsText { get; } = isText;
}
