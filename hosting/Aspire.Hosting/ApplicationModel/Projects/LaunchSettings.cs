using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Aspire.Hosting;

/// <summary>The launch settings of a project: what <c>Properties/launchSettings.json</c> says.</summary>
[DebuggerDisplay("Type = {GetType().Name,nq}")]
public sealed class LaunchSettings
{
    /// <summary>The profiles by name, in the order of the file.</summary>
    [JsonPropertyName("profiles")]
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];
}
