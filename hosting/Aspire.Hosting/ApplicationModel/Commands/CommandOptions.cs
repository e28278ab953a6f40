using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Options for a command.</summary>
public class CommandOptions
{
    /// <summary>Gets or sets a longer text for people. Default: none.</summary>
    public string? Description { get; set; }

    /// <summary>Gets or sets the deprecated value passed to the command. Default: none.</summary>
    [Obsolete("Use Arguments to describe invocation arguments and ExecuteCommandContext.Arguments to read them.")]
    public object? Parameter { get; set; }

    /// <summary>Gets or sets the inputs the command asks for. Default: none.</summary>
    [Experimental("ASPIREINTERACTION001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public IReadOnlyList<InteractionInput> Arguments { get; set; } = [];

    /// <summary>Gets or sets a callback that checks the inputs before the command is executed. Default: none.</summary>
    [Experimental("ASPIREINTERACTION001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public Func<InputsDialogValidationContext, Task>? ValidateArguments { get; set; }

    /// <summary>Gets or sets a question to answer before the command is executed. Default: none.</summary>
    public string? ConfirmationMessage { get; set; }

    /// <summary>Gets or sets a Fluent UI icon. Default: none.</summary>
    public string? IconName { get; set; }

    /// <summary>Gets or sets the look of the icon. Default: the dashboard's.</summary>
    public IconVariant? IconVariant { get; set; }

    /// <summary>Gets or sets whether the command is shown outside the menu. Default: <see langword="false"/>.</summary>
    public bool IsHighlighted { get; set; }

    /// <summary>Gets or sets a callback that says, on every change of the resource, whether the command can be executed. Default: always.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }

    /// <summary>Gets or sets where the command is offered. Default: everywhere.</summary>
    public ResourceCommandVisibility Visibility { get; set; } = ResourceCommandVisibility.UI | ResourceCommandVisibility.Api;
}
