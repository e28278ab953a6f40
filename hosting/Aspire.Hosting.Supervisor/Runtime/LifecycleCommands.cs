using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>
/// Wraps Aspire's commands <c>start</c>, <c>stop</c>, <c>restart</c> and <c>rebuild</c>, so that the supervisor knows what was asked for,
/// and a stop uses the signal and the time limit of the options.
/// </summary>
internal static class LifecycleCommands
{
    /// <summary>Wraps the commands of a resource, which Aspire adds when it creates the resource's snapshots.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="instanceOf">Finds an instance by its id.</param>
    public static void Wrap(IResource resource, Func<string, SupervisedInstance?> instanceOf)
    {
        foreach (var command in resource.Annotations.OfType<ResourceCommandAnnotation>().ToArray())
        {
            if (ExecutionOf(command) is { } execute)
            {
                command.Replace(
                    resource,
                    context => instanceOf(context.ResourceName) is { } instance
                        ? execute(instance, context)
                        : command.ExecuteCommand(context),
                    context => StateOf(command, context));
            }
        }
    }

    private static Func<SupervisedInstance, ExecuteCommandContext, Task<ExecuteCommandResult>>? ExecutionOf(
        ResourceCommandAnnotation command)
    {
        if (command.Name == KnownResourceCommands.StartCommand)
        {
            return (instance, context) => instance.StartAsync(() => command.ExecuteCommand(context));
        }

        var stopsItself = !IsBuiltIn(command);
        if (command.Name == KnownResourceCommands.StopCommand)
        {
            return (instance, context) =>
                instance.StopAsync(() => command.ExecuteCommand(context), stopsItself, context.CancellationToken);
        }

        if (command.Name == KnownResourceCommands.RestartCommand)
        {
            return (instance, context) =>
                instance.RestartAsync(() => command.ExecuteCommand(context), stopsItself, context.CancellationToken);
        }

        return command.Name == KnownResourceCommands.RebuildCommand
            ? (instance, context) => instance.RebuildAsync(() => command.ExecuteCommand(context))
            : null;
    }

    /// <summary>Whether the command is Aspire's own. A resource that drains in its own way, such as nginx, replaces it.</summary>
    private static bool IsBuiltIn(ResourceCommandAnnotation command) =>
        command.ExecuteCommand.Method.Module.Assembly == typeof(ResourceCommandAnnotation).Assembly;

    /// <summary>Whether a command is enabled: a process in Backoff can be stopped and started, one in Fatal started.</summary>
    /// <remarks>Aspire does not know these states.</remarks>
    private static ResourceCommandState StateOf(ResourceCommandAnnotation command, UpdateCommandStateContext context) =>
        context.ResourceSnapshot.State?.Text switch
        {
            SupervisorStates.Backoff when command.Name == KnownResourceCommands.StopCommand => ResourceCommandState.Enabled,
            SupervisorStates.Backoff or SupervisorStates.Fatal when command.Name == KnownResourceCommands.StartCommand =>
                ResourceCommandState.Enabled,
            SupervisorStates.Backoff or SupervisorStates.Fatal => ResourceCommandState.Disabled,
            _ => command.UpdateState(context),
        };
}
