using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;

/// <summary>How many containers a service has, and what each may use.</summary>
public sealed class Deploy
{
    /// <summary>How many there are.</summary>
    [YamlMember(Alias = "replicas")]
    public int? Replicas { get; set; }

    /// <summary>What each may use.</summary>
    [YamlMember(Alias = "resources")]
    public Resources? Resources { get; set; }
}
