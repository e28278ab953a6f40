using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes;
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources;

/// <summary>A Docker Compose file.</summary>
public sealed class ComposeFile
{
    /// <summary>The name of the whole; containers, networks and volumes begin with it.</summary>
    [YamlMember(Alias = "name")]
    public string? Name { get; set; }

    /// <summary>The services by name.</summary>
    [YamlMember(Alias = "services", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public Dictionary<string, Service> Services { get; set; } = [];

    /// <summary>The networks by name.</summary>
    [YamlMember(Alias = "networks", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public Dictionary<string, Network> Networks { get; set; } = [];

    /// <summary>The volumes by name.</summary>
    [YamlMember(Alias = "volumes", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public Dictionary<string, Volume> Volumes { get; set; } = [];

    /// <summary>Adds a service.</summary>
    /// <param name="service">The service.</param>
    public ComposeFile AddService(Service service)
    {
        ArgumentNullException.ThrowIfNull(service);

        Services[service.Name] = service;
        return this;
    }

    /// <summary>Adds a network.</summary>
    /// <param name="network">The network.</param>
    public ComposeFile AddNetwork(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);

        Networks[network.Name] = network;
        return this;
    }

    /// <summary>Adds a volume.</summary>
    /// <param name="volume">The volume.</param>
    public ComposeFile AddVolume(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);

        Volumes[volume.Name] = volume;
        return this;
    }

    /// <summary>Writes the file.</summary>
    /// <param name="lineEndings">What ends a line.</param>
    public string ToYaml(string lineEndings = "\n") => ComposeYaml.Write(this, lineEndings);
}
