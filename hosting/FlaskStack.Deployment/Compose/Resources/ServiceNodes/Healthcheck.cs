using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources.ServiceNodes;

/// <summary>How the health of a service is asked for. Times are as in <c>5s</c>.</summary>
public sealed class Healthcheck
{
    /// <summary>The command, run inside the container; it fails when the service is not healthy.</summary>
    [SuppressMessage("Design", "CA1002", Justification = "The type is Aspire's.")]
    [YamlMember(Alias = "test", DefaultValuesHandling = DefaultValuesHandling.OmitEmptyCollections)]
    public List<string> Test { get; set; } = [];

    /// <summary>The time between two tests.</summary>
    [YamlMember(Alias = "interval")]
    public required string Interval { get; set; }

    /// <summary>How long a test may take.</summary>
    [YamlMember(Alias = "timeout")]
    public required string Timeout { get; set; }

    /// <summary>How many tests in a row must fail.</summary>
    [YamlMember(Alias = "retries")]
    public int? Retries { get; set; }

    /// <summary>How long the service has to start, in which failed tests do not count.</summary>
    [YamlMember(Alias = "start_period")]
    public required string StartPeriod { get; set; }
}
