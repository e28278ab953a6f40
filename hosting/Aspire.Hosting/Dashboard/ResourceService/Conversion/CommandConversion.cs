using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using State = Aspire.Hosting.ApplicationModel.ResourceCommandState;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

/// <summary>The commands that are offered to people, with their questions and inputs.</summary>
internal static class CommandConversion
{
    public static IEnumerable<ResourceCommand> ToMessages(ImmutableArray<ResourceCommandSnapshot> commands)
        => commands.OrEmpty().Where(static command => command.Visibility.HasFlag(ResourceCommandVisibility.UI)).Select(ToMessage);

    private static ResourceCommand ToMessage(ResourceCommandSnapshot command)
    {
        var message = new ResourceCommand
        {
            Name = command.Name,
            // A command without a text to show would end the dashboard's whole stream.
            DisplayName = string.IsNullOrEmpty(command.DisplayName) ? command.Name : command.DisplayName,
            DisplayDescription = command.DisplayDescription ?? string.Empty,
            ConfirmationMessage = command.ConfirmationMessage ?? string.Empty,
            IconName = command.IconName ?? string.Empty,
            IsHighlighted = command.IsHighlighted,
            State = ToMessage(command.State),
            ArgumentInputs = { command.Arguments.Select(InputConversion.ToMessage) },
        };
        if (command.IconVariant is { } variant)
        {
            message.IconVariant = IconConversion.ToMessage(variant);
        }

        if (command.Parameter is not null)
        {
            message.Parameter = PropertyValue.ToMessage(command.Parameter);
        }

        return message;
    }

    private static Protocol.ResourceCommandState ToMessage(State state) => state switch
    {
        State.Enabled => Protocol.ResourceCommandState.Enabled,
        State.Disabled => Protocol.ResourceCommandState.Disabled,
        _ => Protocol.ResourceCommandState.Hidden,
    };
}
