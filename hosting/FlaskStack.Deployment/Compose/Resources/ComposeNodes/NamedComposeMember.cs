using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources.ComposeNodes;

/// <summary>A part of a Compose file that its name is the key of.</summary>
public abstract class NamedComposeMember
{
    /// <summary>The name.</summary>
    [YamlIgnore]
    public required string Name { get; set; }
}
