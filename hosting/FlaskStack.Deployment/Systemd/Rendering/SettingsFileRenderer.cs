using System.Text;
using Aspire.Hosting.Publishing.Values;
using Aspire.Hosting.Systemd.Model;

namespace Aspire.Hosting.Systemd.Rendering;

/// <summary>The file of what only the server knows: secrets, and parameters without a value. Its owner alone reads it.</summary>
internal static class SettingsFileRenderer
{
    /// <summary>What stands where something has to be filled in.</summary>
    public const string Placeholder = "CHANGE-ME";

    public static string Render(ServerApplication application, ServerService service)
    {
        var text = new StringBuilder()
            .Append("# Settings of ").Append(application.Name).Append(' ').Append(service.Name)
            .Append(": NAME=\"value\" a line. They go before those of the unit. Keep this file to root (mode 0600).\n");
        foreach (var variable in service.Variables.Where(static variable => variable.Value.Literal is null))
        {
            text.Append("\n# ").Append(Explain(variable)).Append('\n')
                .Append(variable.Name).Append("=\"").Append(variable.Value.Render(Escape, Mark)).Append("\"\n");
        }

        return text.ToString();
    }

    private static string Explain(PublishedVariable variable) =>
        $"Put in {string.Join(", ", variable.Value.Parameters.Distinct().Select(parameter => $"the {(parameter.IsSecret ? "secret" : "value")} of '{parameter.Name}'{(parameter.IsEscaped ? ", escaped for a URL" : "")}"))}.";

    private static string Mark(PublishedParameter parameter) => $"{Placeholder}-{parameter.Key}";

    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("$", "\\$", StringComparison.Ordinal)
        .Replace("`", "\\`", StringComparison.Ordinal);
}
