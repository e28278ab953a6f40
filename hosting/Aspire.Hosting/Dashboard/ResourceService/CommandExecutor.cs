using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Google.Protobuf.WellKnownTypes;
using Format = Aspire.Hosting.ApplicationModel.CommandResultFormat;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>
/// Executes a command that somebody asked for in the dashboard. As in Aspire, the command is asked to give up when the
/// caller does, or is gone; one that takes no notice goes on.
/// </summary>
internal sealed class CommandExecutor(ResourceCommandService commands)
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

        var values = request.Arguments.ToDictionary(static argument => argument.Key, static argument => ToText(argument.Value), StringComparer.OrdinalIgnoreCase);
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
