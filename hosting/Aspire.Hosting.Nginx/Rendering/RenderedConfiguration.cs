using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>A configuration file and, for each of its lines, the option that wrote it.</summary>
/// <param name="Text">The file, ending in a line feed.</param>
/// <param name="Origins">The option behind line n + 1, or null for what no option changes.</param>
internal sealed record RenderedConfiguration(string Text, ImmutableArray<string?> Origins)
{
    public string? OriginOf(int line) => line >= 1 && line <= Origins.Length ? Origins[line - 1] : null;
}
