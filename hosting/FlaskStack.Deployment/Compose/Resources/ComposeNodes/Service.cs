using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.Docker.Resources.ServiceNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources.ComposeNodes;

/// <summary>A service: one or more containers of one image.</summary>
public sealed class Service : NamedComposeMember
{
    /// <summary>The image; where it is built, the name it gets.</summary>
    [YamlMember(Alias = "image")]
    public string? Image { get; set; }

    /// <summary>When the image is fetched: <c>always</c>, <c>missing</c> or <c>never</c>.</summary>
    [YamlMember(Alias = "pull_policy")]
    public string? PullPolicy { get; set; }

    /// <summary>What the image is built from.</summary>
    [YamlMember(Alias = "build")]
    public Build? Build { get; set; }

    /// <summary>The name of its only container.</summary>
    [YamlMember(Alias = "container_name")]
    public string? ContainerName { get; set; }

    /// <summary>The program in place of the image's own.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "entrypoint", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<string> Entrypoint { get; set; } = [];

    /// <summary>Its arguments.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "command", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<string> Command { get; set; } = [];

    /// <summary>Environment variables.</summary>
    [YamlMember(Alias = "environment", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public Dictionary<string, string> Environment { get; set; } = [];

    /// <summary>Ports that are reached from outside.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "ports", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<string> Ports { get; set; } = [];

    /// <summary>Ports that other services reach.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "expose", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<string> Expose { get; set; } = [];

    /// <summary>What is mounted.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "volumes", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<Volume> Volumes { get; set; } = [];

    /// <summary>Folders in memory.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "tmpfs", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<string> Tmpfs { get; set; } = [];

    /// <summary>What it waits for, by service.</summary>
    [YamlMember(Alias = "depends_on", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public Dictionary<string, ServiceDependency> DependsOn { get; set; } = [];

    /// <summary>How its health is asked for.</summary>
    [YamlMember(Alias = "healthcheck")]
    public Healthcheck? Healthcheck { get; set; }

    /// <summary>When it is restarted: <c>no</c>, <c>on-failure</c>, <c>always</c> or <c>unless-stopped</c>.</summary>
    [YamlMember(Alias = "restart")]
    public string? Restart { get; set; }

    /// <summary>How many there are, and what each may use.</summary>
    [YamlMember(Alias = "deploy")]
    public Deploy? Deploy { get; set; }

    /// <summary>The signal that asks it to end.</summary>
    [YamlMember(Alias = "stop_signal")]
    public string? StopSignal { get; set; }

    /// <summary>How long it has to end, as in <c>30s</c>.</summary>
    [YamlMember(Alias = "stop_grace_period")]
    public string? StopGracePeriod { get; set; }

    /// <summary>Whether it can write only to what is mounted.</summary>
    [YamlMember(Alias = "read_only")]
    public bool? ReadOnly { get; set; }

    /// <summary>Capabilities that it does without.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "cap_drop", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<string> CapDrop { get; set; } = [];

    /// <summary>Options of the kernel's security modules.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "security_opt", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<string> SecurityOpt { get; set; } = [];

    /// <summary>The networks that it is in.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "networks", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<string> Networks { get; set; } = [];
}
