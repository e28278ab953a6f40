using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Executes the commands of resources. Every way it can go wrong ends in a failed result, never in an exception.</summary>
/// <remarks>
/// A command that starts or stops a resource with several instances, addressed by the model name, is executed on all of them
/// at once where it is enabled; the results are merged into one. So is any other, unless there is a row that stands for
/// them all: then it is executed once, on that row. Command names from before Aspire 13 (<c>resource-start</c>,
/// <c>resource-stop</c>, <c>resource-restart</c>) stand for those of today.
/// </remarks>
public class ResourceCommandService
{
    private static readonly Dictionary<string, string?> NoValues = [];

    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _serviceProvider;

    internal ResourceCommandService(ResourceNotificationService notifications, ResourceLoggerService loggers, IServiceProvider serviceProvider)
    {
        _notifications = notifications;
        _loggers = loggers;
        _serviceProvider = serviceProvider;
    }

    /// <summary>Executes a command without arguments.</summary>
    /// <param name="resourceId">The instance, or the model name of the resource.</param>
    /// <param name="commandName">The command.</param>
    /// <param name="cancellationToken">Asks the command to give up.</param>
    /// <returns>How it ended.</returns>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
        => ExecuteCommandAsync(resourceId, commandName, NoValues, cancellationToken);

    /// <summary>Executes a command.</summary>
    /// <param name="resourceId">The instance, or the model name of the resource.</param>
    /// <param name="commandName">The command.</param>
    /// <param name="arguments">The arguments with their values.</param>
    /// <param name="cancellationToken">Asks the command to give up.</param>
    /// <returns>How it ended.</returns>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, InteractionInputCollection arguments, CancellationToken cancellationToken = default)
        => ExecuteCommandAsync(resourceId, commandName, ToValues(arguments), cancellationToken);

    /// <summary>Executes a command without arguments on every instance of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="commandName">The command.</param>
    /// <param name="cancellationToken">Asks the command to give up.</param>
    /// <returns>How it ended.</returns>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
        => ExecuteOnAllAsync(resource, commandName, NoValues, cancellationToken);

    /// <summary>Executes a command on every instance of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="commandName">The command.</param>
    /// <param name="arguments">The arguments with their values.</param>
    /// <param name="cancellationToken">Asks the command to give up.</param>
    /// <returns>How it ended.</returns>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, InteractionInputCollection arguments, CancellationToken cancellationToken = default)
        => ExecuteOnAllAsync(resource, commandName, ToValues(arguments), cancellationToken);

    /// <summary>Executes a command with the values that a caller from outside gives by name.</summary>
    /// <param name="resourceId">The instance, or the model name of the resource.</param>
    /// <param name="commandName">The command.</param>
    /// <param name="values">The values of arguments by name.</param>
    /// <param name="cancellationToken">Asks the command to give up.</param>
    internal async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceId);
        ArgumentException.ThrowIfNullOrEmpty(commandName);
        var isInstance = _notifications.TryGetCurrentState(resourceId, out var state);
        var resource = state?.Resource ?? _notifications.GetRows(resourceId).Select(static row => row.Resource).FirstOrDefault();
        if (resource is null)
        {
            return CommandResults.Failure($"Resource '{resourceId}' not found.");
        }

        return isInstance && !resourceId.Equals(resource.Name, StringComparison.OrdinalIgnoreCase)
            ? await ExecuteOnOneAsync(state!, commandName, values, cancellationToken).ConfigureAwait(false)
            : await ExecuteOnAllAsync(resource, commandName, values, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks values as an execution of the command does first, for who asks a person for them.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="commandName">The command.</param>
    /// <param name="values">The values of arguments by name.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <returns>What is wrong; nothing also for a command that the resource does not have.</returns>
    internal async Task<IReadOnlyList<ArgumentError>> CheckArgumentsAsync(IResource resource, string commandName, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
        => Find(resource, commandName) is { } command ? (await BindAsync(command, values, cancellationToken).ConfigureAwait(false)).Errors : [];

    private async Task<ExecuteCommandResult> ExecuteOnAllAsync(IResource resource, string commandName, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentException.ThrowIfNullOrEmpty(commandName);
        var command = Find(resource, commandName);
        var instances = Addressees(resource, command);
        if (instances.Length == 0)
        {
            return CommandResults.Failure($"Resource '{resource.Name}' not found.");
        }

        // An instance that is already where the command leads has nothing to do, as long as another one has.
        ResourceEvent[] enabled = command is null ? [] : [.. instances.Where(instance => GetState(instance, command.Name) == ResourceCommandState.Enabled)];
        var chosen = enabled.Length > 0 ? enabled : instances;
        var results = await Task.WhenAll(chosen.Select(instance => ExecuteOnOneAsync(instance, commandName, values, cancellationToken))).ConfigureAwait(false);

        return results is [var only] ? only : Merge(chosen, results);
    }

    /// <summary>The rows that a command of the resource as a whole is for.</summary>
    private ResourceEvent[] Addressees(IResource resource, ResourceCommandAnnotation? command)
    {
        // A spare instance has a row but is not a part of the resource.
        var ids = _notifications.GetRowIds(resource);
        var rows = _notifications.GetRows(resource.Name)
            .Where(row => ids.Contains(row.Id, StringComparer.OrdinalIgnoreCase))
            .Select(static row => row.Last?.Event)
            .OfType<ResourceEvent>()
            .ToArray();
        var group = Array.Find(rows, row => row.ResourceId.Equals(resource.Name, StringComparison.OrdinalIgnoreCase));
        if (group is null || rows is [_])
        {
            return rows;
        }

        return command is null || IsLifecycle(command) ? [.. rows.Where(row => row != group)] : [group];
    }

    private async Task<ExecuteCommandResult> ExecuteOnOneAsync(ResourceEvent instance, string commandName, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
    {
        var logger = _loggers.GetLogger(instance.ResourceId);
        var command = Find(instance.Resource, commandName);
        if (GetRefusal(instance, commandName, command) is { } refusal)
        {
            ResourceCommandLog.Failed(logger, commandName, refusal);
            return CommandResults.Failure(refusal);
        }

        ResourceCommandLog.Executing(logger, command!.Name);
        var result = await InvokeAsync(command, instance.ResourceId, values, logger, cancellationToken).ConfigureAwait(false);
        Report(logger, command.Name, result);
        return result;
    }

    private async Task<ExecuteCommandResult> InvokeAsync(ResourceCommandAnnotation command, string id, IReadOnlyDictionary<string, string?> values, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (arguments, errors) = await BindAsync(command, values, cancellationToken).ConfigureAwait(false);
            if (errors.Count > 0)
            {
                return new ExecuteCommandResult { Success = false, HasInvalidArguments = true, Message = $"The arguments of command '{command.Name}' are wrong. {string.Join(" ", errors)}" };
            }

            // Off the caller's thread: a command may block before its first await, and others run at the same time.
            var context = new ExecuteCommandContext { ResourceName = id, ServiceProvider = _serviceProvider, Logger = logger, Arguments = arguments, CancellationToken = cancellationToken };
            return await Task.Run(() => command.ExecuteCommand(context), CancellationToken.None).ConfigureAwait(false)
                ?? CommandResults.Failure($"Command '{command.Name}' returned no result.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandResults.Canceled();
        }
        catch (Exception exception)
        {
            ResourceCommandLog.Threw(logger, command.Name, exception);
            return CommandResults.Failure(exception);
        }
    }

    private async Task<(InteractionInputCollection Arguments, IReadOnlyList<ArgumentError> Errors)> BindAsync(ResourceCommandAnnotation command, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
    {
        var arguments = CommandArguments.Bind(command, values, out var errors);
        return (arguments, errors.Count > 0 ? errors : await ValidateAsync(command, arguments, cancellationToken).ConfigureAwait(false));
    }

    private async Task<IReadOnlyList<ArgumentError>> ValidateAsync(ResourceCommandAnnotation command, InteractionInputCollection arguments, CancellationToken cancellationToken)
    {
        if (command.ValidateArguments is not { } validate)
        {
            return [];
        }

        var context = new InputsDialogValidationContext { Inputs = arguments, Services = _serviceProvider, CancellationToken = cancellationToken };
        await validate(context).ConfigureAwait(false);
        return context.Errors;
    }

    private static ResourceCommandAnnotation? Find(IResource resource, string commandName)
    {
        // A resource that itself names a command in the old way means that one.
        var commands = resource.Annotations.OfType<ResourceCommandAnnotation>().ToImmutableArray();
        return commands.LastOrDefault(command => Is(command, commandName)) ?? commands.LastOrDefault(command => Is(command, KnownResourceCommands.Canonicalize(commandName)));
    }

    private static bool IsLifecycle(ResourceCommandAnnotation command)
        => Is(command, KnownResourceCommands.StartCommand) || Is(command, KnownResourceCommands.StopCommand) || Is(command, KnownResourceCommands.RestartCommand);

    private static bool Is(ResourceCommandAnnotation command, string name) => command.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static ResourceCommandState? GetState(ResourceEvent instance, string commandName)
        => instance.Snapshot.Commands.LastOrDefault(command => command.Name == commandName)?.State;

    private static string? GetRefusal(ResourceEvent instance, string commandName, ResourceCommandAnnotation? command)
    {
        if (command is null)
        {
            return $"Command '{commandName}' not available for resource '{instance.ResourceId}'.";
        }

        var state = instance.Snapshot.State?.Text ?? "unknown";
        return GetState(instance, command.Name) is ResourceCommandState.Disabled or ResourceCommandState.Hidden
            ? $"Command '{command.Name}' cannot be executed on resource '{instance.ResourceId}' while its state is '{state}'."
            : null;
    }

    private static void Report(ILogger logger, string commandName, ExecuteCommandResult result)
    {
        if (result.Success)
        {
            ResourceCommandLog.Succeeded(logger, commandName);
        }
        else if (result.Canceled)
        {
            ResourceCommandLog.Canceled(logger, commandName);
        }
        else
        {
            ResourceCommandLog.Failed(logger, commandName, result.Message);
        }
    }

    private static ExecuteCommandResult Merge(ResourceEvent[] instances, ExecuteCommandResult[] results)
    {
        (string Id, ExecuteCommandResult Result)[] all = [.. instances.Select(static instance => instance.ResourceId).Zip(results)];
        var failed = all.Where(static one => one.Result is { Success: false, Canceled: false }).ToArray();
        if (failed.Length > 0)
        {
            var reasons = failed.Select(static one => $"Resource '{one.Id}' failed with error message: {one.Result.Message}");
            return new ExecuteCommandResult
            {
                Success = false,
                HasInvalidArguments = failed.All(static one => one.Result.HasInvalidArguments),
                Message = string.Join(Environment.NewLine, [$"{failed.Length} of {all.Length} command executions failed.", .. reasons]),
            };
        }

        if (results.Any(static result => result.Canceled))
        {
            return CommandResults.Canceled();
        }

        return new ExecuteCommandResult
        {
            Success = true,
            Message = results.Select(static result => result.Message).FirstOrDefault(static message => !string.IsNullOrEmpty(message)),
            Data = results.Select(static result => result.Data).FirstOrDefault(static data => data is not null),
        };
    }

    private static Dictionary<string, string?> ToValues(InteractionInputCollection arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);

        return arguments.ToDictionary(static input => input.Name, static input => input.Value, StringComparer.OrdinalIgnoreCase);
    }
}
