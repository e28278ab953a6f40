using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Text of a console line for use in another message: without time and colors, and cut to a length.</summary>
internal static partial class ConsoleText
{
    private const int Longest = 200;
    private const int LinesInDiagnosis = 3;

    public static string Of(string line)
    {
        var text = Decoration().Replace(line, string.Empty).Trim();
        return text.Length > Longest ? $"{text.AsSpan(0, Longest)}…" : text;
    }

    /// <summary>The last lines of a console, joined into one.</summary>
    public static async Task<string> LastLinesAsync(ResourceLoggerService consoles, string id)
    {
        var last = new Queue<string>();
        await foreach (var batch in consoles.GetAllAsync(id).ConfigureAwait(false))
        {
            foreach (var line in batch.TakeLast(LinesInDiagnosis))
            {
                last.Enqueue(Of(line.Content));
            }
        }

        return last.Count == 0 ? "none" : string.Join(" | ", last.TakeLast(LinesInDiagnosis));
    }

    /// <summary>The time at the start, escape sequences of terminals (ECMA-48), and other control characters.</summary>
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT[\d:.]+Z |\x1B\[[0-?]*[ -/]*[@-~]|[\x00-\x1F\x7F]")]
    private static partial Regex Decoration();
}
