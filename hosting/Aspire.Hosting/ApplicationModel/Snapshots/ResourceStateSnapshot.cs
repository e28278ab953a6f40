using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A state as people see it.</summary>
/// <param name="Text">The state; see <see cref="KnownResourceStates"/>.</param>
/// <param name="Style">How the dashboard colours it, see <see cref="KnownResourceStateStyles"/>; <see langword="null"/> lets it decide.</param>
[DebuggerDisplay("{Text}")]
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>Makes an unstyled state from its text.</summary>
    /// <param name="s">The text; <see langword="null"/> gives no state.</param>
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, Style: null);
}
