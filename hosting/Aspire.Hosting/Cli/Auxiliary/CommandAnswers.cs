using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Cli.Auxiliary.Conversion;
using Aspire.Hosting.Cli.Auxiliary.Messages;
using Aspire.Hosting.Cli.Rpc;

namespace Aspire.Hosting.Cli.Auxiliary;

/// <summary>Executes commands that the CLI asks for. Nobody is asked for arguments that are missing: the CLI does that itself.</summary>
internal sealed class CommandAnswers(DistributedApplicationModel model, ResourceNotificationService notifications, ResourceCommandService commands)
{
    /// <exception cref="RpcException">The request names no resource or command, or its arguments are of no use.</exception>
    public async Task<CommandAnswer> ExecuteAsync(CommandRequest request, CancellationToken cancellationToken)
    {
        if (request is not { ResourceName: { Length: > 0 } resourceName, CommandName: { Length: > 0 } commandName })
        {
            throw new RpcException(RpcErrorCode.InvalidParameters, "A command needs the name of a resource and its own.");
        }

        var resource = Find(resourceName);
        var command = resource is null ? null : FindCommand(resource, commandName) ?? FindCommand(resource, KnownResourceCommands.Canonicalize(commandName));
        if (resource is not null && command is null)
        {
            return ToMessage(CommandResults.Failure(DescribeCommands(resource, resourceName, commandName)), inputs: null);
        }

        var values = ReadValues(request.Arguments, command);
        var inputs = request.ReturnArgumentInputs ? command?.Arguments.Select(SnapshotConversion.ToMessage).ToArray() : null;

        IReadOnlyList<ArgumentError> errors = resource is null ? [] : await commands.CheckArgumentsAsync(resource, commandName, values, cancellationToken).ConfigureAwait(false);
        if (errors.Count > 0)
        {
            return Refuse(commandName, errors, inputs);
        }

        var result = request.ValidateOnly && resource is not null
            ? CommandResults.Success()
            : await commands.ExecuteCommandAsync(resourceName, commandName, values, cancellationToken).ConfigureAwait(false);
        return ToMessage(result, inputs);
    }

    private IResource? Find(string name) =>
        notifications.TryGetCurrentState(name, out var row) ? row.Resource
        : model.Resources.TryGetByName(name, out var resource) ? resource
        : null;

    private static ResourceCommandAnnotation? FindCommand(IResource resource, string name) =>
        resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(command => command.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string DescribeCommands(IResource resource, string resourceName, string commandName)
    {
        string[] known = [.. resource.Annotations.OfType<ResourceCommandAnnotation>().Select(static command => command.Name).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
        var mend = known.Length == 0 ? "It has none." : $"It has {string.Join(", ", known)}.";
        return $"Resource '{resourceName}' has no command '{commandName}'. {mend}";
    }

    /// <summary>Arguments by name, or in the order in which the command describes them.</summary>
    private static Dictionary<string, string?> ReadValues(JsonElement arguments, ResourceCommandAnnotation? command)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        switch (arguments.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                break;
            case JsonValueKind.Object:
                foreach (var argument in arguments.EnumerateObject())
                {
                    values[argument.Name] = ToText(argument.Name, argument.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var (index, argument) in arguments.EnumerateArray().Index())
                {
                    var name = command is not null && index < command.Arguments.Count ? command.Arguments[index].Name : $"[{index}]";
                    values[name] = ToText(name, argument);
                }

                break;
            default:
                throw new RpcException(RpcErrorCode.InvalidParameters, "The arguments of a command are an object or an array.");
        }

        return values;
    }

    private static string? ToText(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => null,
        _ => throw new RpcException(RpcErrorCode.InvalidParameters, $"{name}: the value is neither a text, a number, true, false nor absent."),
    };

    private static CommandAnswer Refuse(string commandName, IReadOnlyList<ArgumentError> errors, ResourceSnapshotInput[]? inputs) => new(
        Success: false,
        Canceled: false,
        $"The arguments of command '{commandName}' are wrong.",
        Value: null,
        [.. errors.Select(static error => new CommandArgumentError(error.Name, error.Reason))],
        inputs);

    private static CommandAnswer ToMessage(ExecuteCommandResult result, ResourceSnapshotInput[]? inputs) => new(
        result.Success,
        result.Canceled,
        result.Message,
        result.Data is { } data ? new CommandValue(data.Value, ToMessage(data.Format), data.DisplayImmediately) : null,
        [],
        inputs);

    private static string ToMessage(CommandResultFormat format) => format switch
    {
        CommandResultFormat.Json => "json",
        CommandResultFormat.Markdown => "markdown",
        _ => "text",
    };
}
