using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources.ServiceNodes;

/// <summary>What is mounted into a service, or a volume of the file.</summary>
public sealed class Volume : ComposeNodes.NamedComposeMember
{
    /// <summary><c>bind</c> or <c>volume</c>.</summary>
    [YamlMember(Alias = "type")]
    public string? Type { get; set; }

    /// <summary>The path on the machine, or the name of the volume.</summary>
    [YamlMember(Alias = "source")]
    public string? Source { get; set; }

    /// <summary>Where it is mounted.</summary>
    [YamlMember(Alias = "target")]
    public string? Target { get; set; }

    /// <summary>Whether the service can only read.</summary>
    [YamlMember(Alias = "read_only")]
    public bool? ReadOnly { get; set; }

    /// <summary>What keeps the volume, such as <c>local</c>.</summary>
    [YamlMember(Alias = "driver")]
    public string? Driver { get; set; }
}
