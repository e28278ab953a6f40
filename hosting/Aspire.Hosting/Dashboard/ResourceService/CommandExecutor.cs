using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Conversion;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Google.Protobuf.WellKnownTypes;
using Format = Aspire.Hosting.ApplicationModel.CommandResultFormat;
using ModelCommandState = Aspire.Hosting.ApplicationModel.ResourceCommandState;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>
/// Executes a command that somebody asked for in the dashboard. As in Aspire, the command is asked to give up when the
/// caller does, or is gone; one that takes no notice goes on. A command that has arguments asks the person for them
/// first, unless the caller gave some or says that nobody is there to answer.
/// </summary>
internal sealed class CommandExecutor(ResourceNotificationService notifications, ResourceCommandService commands, InputPrompts prompts)
{
    public async Task<ResourceCommandResponse> ExecuteAsync(ResourceCommandRequest request, CancellationToken cancellationToken)
    {
        if (request.ResourceName.Length == 0 || request.CommandName.Length == 0)
        {
            return Respond(ResourceCommandResponseKind.Failed, "A command needs the name of a resource and its own.");
        }

        if (request.Arguments.FirstOrDefault(static argument => !IsSingle(argument.Value)).Key is { } wrong)
        {
            return Respond(ResourceCommandResponseKind.InvalidArguments, $"{wrong}: the value is neither a text, a number, true, false nor absent.");
        }

        var values = Find(request) is { } asked
            ? await AskAsync(asked.Resource, asked.Command, cancellationToken).ConfigureAwait(false)
            : request.Arguments.ToDictionary(static argument => argument.Key, static argument => ToText(argument.Value), StringComparer.OrdinalIgnoreCase);
        if (values is null)
        {
            return Respond(ResourceCommandResponseKind.Cancelled, message: null);
        }

        var result = await commands.ExecuteCommandAsync(request.ResourceName, request.CommandName, values, cancellationToken).ConfigureAwait(false);
        return ToResponse(result);
    }

    internal static ResourceCommandResponse ToResponse(ExecuteCommandResult result)
    {
        var response = Respond(KindOf(result), result.Message);
        if (result.Data is { } data)
        {
            response.Result = new ResourceCommandResult { Value = data.Value, Format = ToFormat(data.Format), DisplayImmediately = data.DisplayImmediately };
        }

        return response;
    }

    /// <summary>The command of the request, where its arguments are to be asked for.</summary>
    private (IResource Resource, ResourceCommandSnapshot Command)? Find(ResourceCommandRequest request)
    {
        if (request.NonInteractive || request.Arguments.Count > 0 || !prompts.CanAsk || !notifications.TryGetCurrentState(request.ResourceName, out var row))
        {
            return null;
        }

        var command = row.Snapshot.Commands.LastOrDefault(command => command.Name == request.CommandName);
        return command is { Arguments.Count: > 0, State: ModelCommandState.Enabled } ? (row.Resource, command) : null;
    }

    private Task<IReadOnlyDictionary<string, string?>?> AskAsync(IResource resource, ResourceCommandSnapshot command, CancellationToken cancellationToken)
    {
        var question = new WatchInteractionsResponseUpdate
        {
            Title = command.DisplayName,
            Message = command.DisplayDescription ?? string.Empty,
            PrimaryButtonText = command.DisplayName,
            ShowSecondaryButton = true,
            ShowDismiss = true,
            InputsDialog = new InteractionInputsDialog { InputItems = { command.Arguments.Select(InputConversion.ToMessage) } },
        };
        return prompts.AskAsync(question, (values, ended) => commands.CheckArgumentsAsync(resource, command.Name, values, ended), cancellationToken);
    }

    private static ResourceCommandResponse Respond(ResourceCommandResponseKind kind, string? message)
    {
        var response = new ResourceCommandResponse { Kind = kind, Message = message ?? string.Empty };
        if (kind != ResourceCommandResponseKind.Succeeded)
        {
            response.ErrorMessage = response.Message;
        }

        return response;
    }

    private static ResourceCommandResponseKind KindOf(ExecuteCommandResult result) => result switch
    {
        { Success: true } => ResourceCommandResponseKind.Succeeded,
        { Canceled: true } => ResourceCommandResponseKind.Cancelled,
        { HasInvalidArguments: true } => ResourceCommandResponseKind.InvalidArguments,
        _ => ResourceCommandResponseKind.Failed,
    };

    private static Protocol.CommandResultFormat ToFormat(Format format) => format switch
    {
        Format.Json => Protocol.CommandResultFormat.Json,
        Format.Markdown => Protocol.CommandResultFormat.Markdown,
        _ => Protocol.CommandResultFormat.Text,
    };

    private static bool IsSingle(Value value) => value.KindCase is not (Value.KindOneofCase.ListValue or Value.KindOneofCase.StructValue);

    private static string? ToText(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => value.StringValue,
        Value.KindOneofCase.NumberValue => value.NumberValue.ToString("R", CultureInfo.InvariantCulture),
        Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        _ => null,
    };
}
