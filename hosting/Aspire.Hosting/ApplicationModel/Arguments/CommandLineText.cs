using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Splits arguments that are written on one line.</summary>
internal static class CommandLineText
{
    /// <summary>
    /// Splits at blanks. Double quotes keep blanks; a backslash before a quote keeps the quote, as on the command lines
    /// that launch profiles are written for.
    /// </summary>
    public static string[] Split(string? line)
    {
        var arguments = new List<string>();
        var current = new StringBuilder();
        var (quoted, started) = (false, false);

        for (var index = 0; index < line?.Length; index++)
        {
            var character = line[index];
            switch (character)
            {
                case '\\' when index + 1 < line.Length && line[index + 1] == '"':
                    current.Append('"');
                    started = true;
                    index++;
                    break;
                case '"':
                    quoted = !quoted;
                    started = true;
                    break;
                case var blank when char.IsWhiteSpace(blank) && !quoted:
                    Finish();
                    break;
                default:
                    current.Append(character);
                    started = true;
                    break;
            }
        }

        Finish();
        return [.. arguments];

        void Finish()
        {
            if (started)
            {
                arguments.Add(current.ToString());
                current.Clear();
                started = false;
            }
        }
    }
}
