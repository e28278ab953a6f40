using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>
/// Stands before Aspire's commands <c>start</c>, <c>stop</c> and <c>restart</c>: what somebody asked for is told from what happened by itself, and a
/// stop takes the signal and the time that the options give it.
/// </summary>
internal static class LifecycleCommands
{
    /// <summary>Puts itself before the commands of a resource, which Aspire adds when it prepares the resource's rows.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="instanceOf">Finds the process that a row stands for.</param>
    public static void Wrap(IResource resource, Func<string, SupervisedInstance?> instanceOf)
    {
        foreach (var command in resource.Annotations.OfType<ResourceCommandAnnotation>().ToArray())
        {
            if (ExecutionOf(command) is { } execute)
            {
                command.Replace(
                    resource,
                    context => instanceOf(context.ResourceName) is { } instance ? execute(instance, context) : command.ExecuteCommand(context),
                    context => StateOf(command, context));
            }
        }
    }

    private static Func<SupervisedInstance, ExecuteCommandContext, Task<ExecuteCommandResult>>? ExecutionOf(ResourceCommandAnnotation command)
    {
        if (command.Name == KnownResourceCommands.StartCommand)
        {
            return (instance, context) => instance.StartAsync(() => command.ExecuteCommand(context));
        }

        if (command.Name == KnownResourceCommands.StopCommand)
        {
            return (instance, context) => instance.StopAsync(() => command.ExecuteCommand(context), !IsAspires(command), context.CancellationToken);
        }

        if (command.Name == KnownResourceCommands.RestartCommand)
        {
            return (instance, context) => instance.RestartAsync(() => command.ExecuteCommand(context), !IsAspires(command), context.CancellationToken);
        }

        return command.Name == KnownResourceCommands.RebuildCommand ? (instance, context) => instance.RebuildAsync(() => command.ExecuteCommand(context)) : null;
    }

    /// <summary>Whether nobody has replaced it: a resource that drains in a way of its own, such as nginx, is stopped in that way.</summary>
    private static bool IsAspires(ResourceCommandAnnotation command) =>
        command.ExecuteCommand.Method.Module.Assembly == typeof(ResourceCommandAnnotation).Assembly;

    /// <summary>Aspire does not know the supervisor's states: a process in Backoff can be stopped and started, one in Fatal started.</summary>
    private static ResourceCommandState StateOf(ResourceCommandAnnotation command, UpdateCommandStateContext context) =>
        context.ResourceSnapshot.State?.Text switch
        {
            SupervisorStates.Backoff when command.Name == KnownResourceCommands.StartCommand || command.Name == KnownResourceCommands.StopCommand => ResourceCommandState.Enabled,
            SupervisorStates.Fatal when command.Name == KnownResourceCommands.StartCommand => ResourceCommandState.Enabled,
            SupervisorStates.Backoff or SupervisorStates.Fatal => ResourceCommandState.Disabled,
            _ => command.UpdateState(context),
        };
}
