using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A named detail of a running resource.</summary>
/// <param name="Name">The name, such as <c>executable.pid</c>.</param>
/// <param name="Value">The value: text, a number, a truth value, or a list of text.</param>
[DebuggerDisplay("{Value}", Name = "{Name}")]
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Gets whether the value is a secret that the dashboard masks. Default: <see langword="false"/>.</summary>
    public bool IsSensitive { get; init; }
}
