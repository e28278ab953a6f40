using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Puts the values that a caller gives in the place of the inputs that a command describes, and checks them.</summary>
internal static class CommandArguments
{
    /// <summary>Makes inputs of one command execution, which the command may change, out of those that describe the command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="values">The values by name, whatever its case; what is missing keeps the described value.</param>
    /// <param name="errors">What is wrong with the values, one for each that is.</param>
    public static InteractionInputCollection Bind(ResourceCommandAnnotation command, IReadOnlyDictionary<string, string?> values, out IReadOnlyList<ArgumentError> errors)
    {
        var given = values.ToDictionary(StringComparer.OrdinalIgnoreCase);
        var inputs = new InteractionInputCollection([.. command.Arguments.Select(input => Copy(input, given.TryGetValue(input.Name, out var value) ? value : input.Value))]);
        var unknown = given.Keys.Where(name => !inputs.ContainsName(name)).Select(static name => new ArgumentError(name, "the command has no such argument."));
        var disabled = inputs.Where(input => input.Disabled && given.ContainsKey(input.Name)).Select(static input => new ArgumentError(input.Name, "the argument takes no value now."));
        var wrong = inputs.Select(static input => (input.Name, Reason: Check(input))).Where(static check => check.Reason is not null).Select(static check => new ArgumentError(check.Name, check.Reason!));
        errors = [.. unknown, .. disabled, .. wrong];
        return inputs;
    }

    private static string? Check(InteractionInput input)
    {
        if (string.IsNullOrEmpty(input.Value))
        {
            return input.Required && !input.Disabled ? "a value is required." : null;
        }

        if (input.MaxLength is { } maximum && input.Value.Length > maximum)
        {
            return $"the value has more than {maximum} characters.";
        }

        return input.InputType switch
        {
            InputType.Boolean when !bool.TryParse(input.Value, out _) => "the value is neither true nor false.",
            InputType.Number when !double.TryParse(input.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => "the value is not a number.",
            InputType.Choice when !IsChoice(input) => $"the value is none of {string.Join(", ", input.Options!.Select(static option => option.Key))}.",
            _ => null,
        };
    }

    private static bool IsChoice(InteractionInput input)
        => input.AllowCustomChoice || input.Options is null || input.Options.Any(option => option.Key == input.Value);

    private static InteractionInput Copy(InteractionInput input, string? value) => new()
    {
        Name = input.Name,
        InputType = input.InputType,
        Label = input.Label,
        Description = input.Description,
        EnableDescriptionMarkdown = input.EnableDescriptionMarkdown,
        Required = input.Required,
        Options = input.Options,
        AllowCustomChoice = input.AllowCustomChoice,
        Value = value,
        Placeholder = input.Placeholder,
        MaxLength = input.MaxLength,
        Disabled = input.Disabled,
    };
}
