using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Shared;

internal static class ResourceCommands
{
    /// <summary>Adds a command that is enabled while the resource runs.</summary>
    public static IResourceBuilder<T> WithRunningCommand<T>(
        this IResourceBuilder<T> resource,
        string name,
        string displayName,
        string description,
        string icon,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> execute)
        where T : IResource => resource.WithCommand(name, displayName, execute, new CommandOptions
        {
            Description = description,
            IconName = icon,
            UpdateState = static context => context.ResourceSnapshot.State?.Text == KnownResourceStates.Running
                ? ResourceCommandState.Enabled
                : ResourceCommandState.Disabled,
        });

    /// <summary>
    /// Has a resource do something first at the commands <c>stop</c> and <c>restart</c>, before Aspire stops it within six seconds.
    /// </summary>
    /// <param name="resource">The resource, when Aspire has added its commands.</param>
    /// <param name="drain">What it does, and whether it starts again.</param>
    public static void DrainBeforeStop(this IResource resource, Func<ExecuteCommandContext, bool, Task> drain)
    {
        foreach (var command in resource.Annotations.OfType<ResourceCommandAnnotation>().ToArray())
        {
            var isRestart = command.Name == KnownResourceCommands.RestartCommand;
            if (isRestart || command.Name == KnownResourceCommands.StopCommand)
            {
                command.Replace(resource, async context =>
                {
                    await drain(context, isRestart).ConfigureAwait(false);
                    return await command.ExecuteCommand(context).ConfigureAwait(false);
                });
            }
        }
    }

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
