using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The icon that a dashboard shows for a resource.</summary>
/// <param name="iconName">A name of Microsoft's Fluent UI icons, as in <c>Globe</c>.</param>
/// <param name="iconVariant">Filled or in outline.</param>
[DebuggerDisplay("Type = {GetType().Name,nq}, IconName = {IconName}, IconVariant = {IconVariant}")]
public sealed class ResourceIconAnnotation(string iconName, IconVariant iconVariant = IconVariant.Filled) : IResourceAnnotation
{
    /// <summary>A name of Microsoft's Fluent UI icons.</summary>
    public string IconName { get; } = iconName ?? throw new ArgumentNullException(nameof(iconName));

    /// <summary>Filled or in outline.</summary>
    public IconVariant IconVariant { get; } = iconVariant;
}
