using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Dashboard.Provisioning;

/// <summary>Keeps the last lines a tool printed, to say why it failed.</summary>
internal sealed class FetchOutput : IConsoleSink
{
    private const int MostLines = 50;

    private static readonly string[] ErrorMarks = ["npm error ", "npm ERR! "];

    // npm's first line is a bare code, and its last one names a log file that is removed with everything else.
    private static readonly string[] SaysNothing = ["code ", "errno ", "syscall ", "A complete log"];

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = [];

    /// <summary>The one line that says most, or null when there was none.</summary>
    public string? Reason
    {
        get
        {
            lock (_lock)
            {
                return ErrorLines().FirstOrDefault() ?? _lines.LastOrDefault();
            }
        }
    }

    public void Write(DateTime utc, string line, bool isError)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lock)
        {
            _lines.Enqueue(line.Trim());
            if (_lines.Count > MostLines)
            {
                _lines.Dequeue();
            }
        }
    }

    private IEnumerable<string> ErrorLines() =>
        from line in _lines
        from mark in ErrorMarks
        where line.StartsWith(mark, StringComparison.Ordinal)
        let text = line[mark.Length..].Trim()
        where text.Length > 0 && !SaysNothing.Any(start => text.StartsWith(start, StringComparison.Ordinal))
        select text;
}
