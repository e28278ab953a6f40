using System.Buffers;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>How pieces of text enter a composite format string, and how a value is written in a given format.</summary>
internal static class ExpressionText
{
    private static readonly SearchValues<char> Braces = SearchValues.Create("{}");

    /// <summary>Makes a value safe inside a composite format: every brace of it is written as it is.</summary>
    public static string EscapeValue(string value) =>
        value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    /// <summary>Makes a literal safe inside a composite format. A doubled brace counts as escaped already, as in Aspire.</summary>
    public static string EscapeLiteral(string literal)
    {
        if (!literal.AsSpan().ContainsAny(Braces))
        {
            return literal;
        }

        var escaped = new StringBuilder(literal.Length + 4);
        for (var index = 0; index < literal.Length; index++)
        {
            var character = literal[index];
            escaped.Append(character);
            if (character is not ('{' or '}'))
            {
                continue;
            }

            escaped.Append(character);
            if (index + 1 < literal.Length && literal[index + 1] == character)
            {
                index++;
            }
        }

        return escaped.ToString();
    }

    /// <summary>Writes a value in one of Aspire's formats: <c>uri</c> escapes it for use inside a URI.</summary>
    /// <exception cref="FormatException">The format is unknown.</exception>
    public static string Apply(string value, string? format) => format?.ToLowerInvariant() switch
    {
        null or "" => value,
        "uri" => Uri.EscapeDataString(value),
        _ => throw new FormatException($"Format '{format}' is unknown in a reference expression: use 'uri' or none."),
    };
}
