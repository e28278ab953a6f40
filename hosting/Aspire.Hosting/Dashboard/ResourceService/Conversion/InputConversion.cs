namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

internal static class InputConversion
{
    public static Protocol.InteractionInput ToMessage(InteractionInput input)
    {
        var message = new Protocol.InteractionInput
        {
            Name = input.Name,
            Label = string.IsNullOrEmpty(input.Label) ? input.Name : input.Label,
            InputType = ToMessage(input.InputType),
            Required = input.Required,
            Disabled = input.Disabled,
            AllowCustomChoice = input.AllowCustomChoice,
            Placeholder = input.Placeholder ?? string.Empty,
            Value = input.Value ?? string.Empty,
            Description = input.Description ?? string.Empty,
            EnableDescriptionMarkdown = input.EnableDescriptionMarkdown,
            MaxLength = input.MaxLength ?? 0,
        };
        foreach (var (value, text) in input.Options ?? [])
        {
            message.Options[value] = text;
        }

        return message;
    }

    private static Protocol.InputType ToMessage(InputType type) => type switch
    {
        InputType.SecretText => Protocol.InputType.SecretText,
        InputType.Choice => Protocol.InputType.Choice,
        InputType.Boolean => Protocol.InputType.Boolean,
        InputType.Number => Protocol.InputType.Number,
        _ => Protocol.InputType.Text,
    };
}
