using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Gives a resource a command.</summary>
[DebuggerDisplay("Type = {GetType().Name,nq}, Name = {Name}")]
public sealed class ResourceCommandAnnotation : IResourceAnnotation
{
    /// <summary>Initializes a command.</summary>
    /// <param name="name">The name by which it is executed; unique on its resource.</param>
    /// <param name="displayName">What people see.</param>
    /// <param name="updateState">Says, on every change of the resource, whether the command can be executed. Called often: keep it quick.</param>
    /// <param name="executeCommand">Executes the command.</param>
    /// <param name="displayDescription">A longer text for people.</param>
    /// <param name="arguments">The inputs the command asks for.</param>
    /// <param name="confirmationMessage">A question to answer first.</param>
    /// <param name="iconName">A Fluent UI icon.</param>
    /// <param name="iconVariant">The look of the icon.</param>
    /// <param name="isHighlighted">Whether it is shown outside the menu.</param>
    /// <param name="visibility">Where the command is offered. Default: everywhere.</param>
    /// <param name="validateArguments">Checks the inputs before the command is executed.</param>
    public ResourceCommandAnnotation(
        string name,
        string displayName,
        Func<UpdateCommandStateContext, ResourceCommandState> updateState,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        string? displayDescription,
        IReadOnlyList<InteractionInput>? arguments,
        string? confirmationMessage,
        string? iconName,
        IconVariant? iconVariant,
        bool isHighlighted,
        ResourceCommandVisibility visibility = ResourceCommandVisibility.UI | ResourceCommandVisibility.Api,
        Func<InputsDialogValidationContext, Task>? validateArguments = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(displayName);
        ArgumentNullException.ThrowIfNull(updateState);
        ArgumentNullException.ThrowIfNull(executeCommand);

        Name = name;
        DisplayName = displayName;
        UpdateState = updateState;
        ExecuteCommand = executeCommand;
        DisplayDescription = displayDescription;
        Arguments = arguments ?? [];
        ConfirmationMessage = confirmationMessage;
        IconName = iconName;
        IconVariant = iconVariant;
        IsHighlighted = isHighlighted;
        Visibility = visibility;
        ValidateArguments = validateArguments;
    }

    /// <summary>Initializes a command with the deprecated parameter instead of inputs.</summary>
    /// <param name="name">The name by which it is executed; unique on its resource.</param>
    /// <param name="displayName">What people see.</param>
    /// <param name="updateState">Says, on every change of the resource, whether the command can be executed.</param>
    /// <param name="executeCommand">Executes the command.</param>
    /// <param name="displayDescription">A longer text for people.</param>
    /// <param name="parameter">Deprecated in Aspire: a value passed to the command.</param>
    /// <param name="confirmationMessage">A question to answer first.</param>
    /// <param name="iconName">A Fluent UI icon.</param>
    /// <param name="iconVariant">The look of the icon.</param>
    /// <param name="isHighlighted">Whether it is shown outside the menu.</param>
    public ResourceCommandAnnotation(
        string name,
        string displayName,
        Func<UpdateCommandStateContext, ResourceCommandState> updateState,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        string? displayDescription,
        object? parameter,
        string? confirmationMessage,
        string? iconName,
        IconVariant? iconVariant,
        bool isHighlighted)
        : this(name, displayName, updateState, executeCommand, displayDescription, arguments: null, confirmationMessage, iconName, iconVariant, isHighlighted)
    {
        InvocationParameter = parameter;
    }

    /// <summary>Gets the name by which the command is executed.</summary>
    public string Name { get; }

    /// <summary>Gets what people see.</summary>
    public string DisplayName { get; }

    /// <summary>Gets the callback that says whether the command can be executed.</summary>
    public Func<UpdateCommandStateContext, ResourceCommandState> UpdateState { get; }

    /// <summary>Gets the callback that executes the command.</summary>
    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; }

    /// <summary>Gets a longer text for people.</summary>
    public string? DisplayDescription { get; }

    /// <summary>Gets the deprecated value passed to the command.</summary>
    [Obsolete("Use Arguments to describe invocation arguments and ExecuteCommandContext.Arguments to read them.")]
    public object? Parameter => InvocationParameter;

    /// <summary>Gets the inputs the command asks for.</summary>
    [Experimental("ASPIREINTERACTION001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public IReadOnlyList<InteractionInput> Arguments { get; }

    /// <summary>Gets the callback that checks the inputs.</summary>
    [Experimental("ASPIREINTERACTION001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public Func<InputsDialogValidationContext, Task>? ValidateArguments { get; }

    /// <summary>Gets the question to answer first.</summary>
    public string? ConfirmationMessage { get; }

    /// <summary>Gets the Fluent UI icon.</summary>
    public string? IconName { get; }

    /// <summary>Gets the look of the icon.</summary>
    public IconVariant? IconVariant { get; }

    /// <summary>Gets whether the command is shown outside the menu.</summary>
    public bool IsHighlighted { get; }

    /// <summary>Gets where the command is offered.</summary>
    public ResourceCommandVisibility Visibility { get; }

    /// <summary>Gets <see cref="Parameter"/> for snapshots, which still carry it.</summary>
    internal object? InvocationParameter { get; }
}
