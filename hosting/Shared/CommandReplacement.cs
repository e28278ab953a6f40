using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Shared;

internal static class CommandReplacement
{
    /// <summary>Replaces the action of a resource's command.</summary>
    public static void Replace(
        this ResourceCommandAnnotation command,
        IResource resource,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> execute,
        Func<UpdateCommandStateContext, ResourceCommandState>? updateState = null)
    {
        resource.Annotations.Remove(command);
        resource.Annotations.Add(new ResourceCommandAnnotation(
            command.Name, command.DisplayName, updateState ?? command.UpdateState, execute, command.DisplayDescription, command.Arguments,
            command.ConfirmationMessage, command.IconName, command.IconVariant, command.IsHighlighted, command.Visibility));
    }
}
