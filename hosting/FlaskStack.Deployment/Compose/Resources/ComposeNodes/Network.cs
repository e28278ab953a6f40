using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources.ComposeNodes;

/// <summary>A network that services share.</summary>
public sealed class Network : NamedComposeMember
{
    /// <summary>What makes the network, such as <c>bridge</c>.</summary>
    [YamlMember(Alias = "driver")]
    public string? Driver { get; set; }

    /// <summary>Whether it exists already.</summary>
    [YamlMember(Alias = "external")]
    public bool? External { get; set; }
}
