using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>Reads what a person gave, and says what is wrong with it beside each input.</summary>
internal static class InputAnswers
{
    /// <summary>The values of the inputs that take one.</summary>
    public static IReadOnlyDictionary<string, string?> Read(InteractionInputsDialog asked, InteractionInputsDialog answer)
    {
        var given = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var input in answer.InputItems)
        {
            given[input.Name] = input.Value;
        }

        return asked.InputItems
            .Where(input => !input.Disabled && given.ContainsKey(input.Name))
            .ToDictionary(static input => input.Name, input => ToValue(input.InputType, given[input.Name]), StringComparer.OrdinalIgnoreCase);
    }

    public static WatchInteractionsResponseUpdate WithErrors(WatchInteractionsResponseUpdate question, IReadOnlyDictionary<string, string?> values, IReadOnlyList<ArgumentError> errors)
    {
        var again = question.Clone();
        foreach (var input in again.InputsDialog.InputItems)
        {
            input.Value = values.GetValueOrDefault(input.Name) ?? input.Value;
            input.ValidationErrors.Clear();
            input.ValidationErrors.AddRange(errors.Where(error => error.Name.Equals(input.Name, StringComparison.OrdinalIgnoreCase)).Select(static error => error.Reason));
        }

        return again;
    }

    /// <summary>A box that nobody ticked comes without a value.</summary>
    private static string? ToValue(Protocol.InputType type, string value) => type == Protocol.InputType.Boolean && value.Length == 0 ? "false" : value;
}
