using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address a resource answers on.</summary>
/// <param name="Name">The name of the endpoint; <see langword="null"/> when the address belongs to none.</param>
/// <param name="Url">The full address.</param>
/// <param name="IsInternal">Whether the address is of no use to people.</param>
[DebuggerDisplay("{Url}", Name = "{Name}")]
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>Gets whether nothing answers there yet or any more. Default: <see langword="false"/>.</summary>
    public bool IsInactive { get; init; }

    /// <summary>Gets how the dashboard shows the address. Default: the address itself, in order 0.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();
}
