using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A command as people see it at one moment.</summary>
/// <param name="Name">The name by which it is executed.</param>
/// <param name="State">Whether it can be executed now.</param>
/// <param name="DisplayName">What people see.</param>
/// <param name="DisplayDescription">A longer text for people.</param>
/// <param name="Parameter">Deprecated in Aspire: a value passed to the command.</param>
/// <param name="ConfirmationMessage">A question to answer before it is executed.</param>
/// <param name="IconName">A Fluent UI icon.</param>
/// <param name="IconVariant">The look of the icon.</param>
/// <param name="IsHighlighted">Whether it is shown outside the menu.</param>
[DebuggerDisplay(null, Name = "{Name}")]
public sealed record ResourceCommandSnapshot(string Name, ResourceCommandState State, string DisplayName, string? DisplayDescription, object? Parameter, string? ConfirmationMessage, string? IconName, IconVariant? IconVariant, bool IsHighlighted)
{
    /// <summary>Gets the inputs the command asks for. Default: none.</summary>
    public IReadOnlyList<InteractionInput> Arguments { get; init; } = [];

    /// <summary>Gets where the command is offered. Default: everywhere.</summary>
    public ResourceCommandVisibility Visibility { get; init; } = ResourceCommandVisibility.UI | ResourceCommandVisibility.Api;
}
