using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources.ServiceNodes;

/// <summary>What an image is built from.</summary>
public sealed class Build
{
    /// <summary>The folder that the build can read, relative to the file.</summary>
    [YamlMember(Alias = "context")]
    public string? Context { get; set; }

    /// <summary>The Dockerfile, relative to the context.</summary>
    [YamlMember(Alias = "dockerfile")]
    public string? Dockerfile { get; set; }

    /// <summary>Build arguments.</summary>
    [YamlMember(Alias = "args", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public Dictionary<string, string> Args { get; set; } = [];

    /// <summary>The stage to build.</summary>
    [YamlMember(Alias = "target")]
    public string? Target { get; set; }
}
