using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An environment variable of a running resource.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value; <see langword="null"/> while unknown.</param>
/// <param name="IsFromSpec">Whether the model sets it, rather than the surroundings.</param>
[DebuggerDisplay("{Value}", Name = "{Name}")]
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);
