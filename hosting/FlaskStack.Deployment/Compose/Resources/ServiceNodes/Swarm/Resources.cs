using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;

/// <summary>What a container may use.</summary>
public sealed class Resources
{
    /// <summary>What it cannot use more of.</summary>
    [YamlMember(Alias = "limits")]
    public ResourceSpec? Limits { get; set; }
}
