using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard.Launching;

/// <summary>One line that the dashboard logged, as .NET's JSON console formatter writes it.</summary>
/// <param name="Level">How grave it is.</param>
/// <param name="Category">Which part of the dashboard speaks.</param>
/// <param name="Message">What it says.</param>
/// <param name="Exception">The exception as text, when there is one.</param>
internal sealed record DashboardLogLine(LogLevel Level, string Category, string Message, string? Exception)
{
    private const string OwnPrefix = "Aspire.Dashboard.";
    private const string Target = "Aspire.Hosting.Dashboard.";
    private const string ThirdPartyTarget = Target + "ThirdParty.";

    /// <summary>Whether it is the dashboard itself that speaks, not a library of its.</summary>
    public bool IsOwn => Category.StartsWith(OwnPrefix, StringComparison.Ordinal);

    /// <summary>The category in the AppHost's log, as Aspire names it.</summary>
    public string AppHostCategory => IsOwn ? Target + Category[OwnPrefix.Length..] : ThirdPartyTarget + Category;

    /// <summary>Message and exception.</summary>
    public string Text => Exception is null ? Message : $"{Message}\n{Exception}";

    /// <summary>The line that says that the pages are served.</summary>
    public bool SaysListening => IsOwn && Message.StartsWith("Now listening on", StringComparison.Ordinal);

    /// <summary>Reads a line; null when it is none of the formatter's.</summary>
    public static DashboardLogLine? Parse(string line)
    {
        if (!line.StartsWith('{'))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return Read(root, "Category") is { } category && Read(root, "Message") is { } message && Enum.TryParse<LogLevel>(Read(root, "LogLevel"), out var level)
                ? new(level, category, message, Read(root, "Exception"))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Read(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
