namespace FlaskStack.Bench.Processes;

/// <summary>What runs below this process: one stack at a time.</summary>
internal static class ProcessTree
{
    /// <summary>Every living process below this one, orphans included.</summary>
    public static IReadOnlyList<ProcessRow> Read() => [.. Below(All(), Environment.ProcessId).Where(row => !row.IsEnded)];

    /// <summary>Children of this process that have ended and nobody has waited for.</summary>
    public static IReadOnlyList<ProcessRow> Ended() =>
        [.. All().Where(row => row.IsEnded && row.Parent == Environment.ProcessId)];

    /// <summary>The rows below one, whatever their depth.</summary>
    public static IEnumerable<ProcessRow> Below(IReadOnlyCollection<ProcessRow> rows, int root)
    {
        var children = rows.ToLookup(row => row.Parent);
        var open = new Queue<int>([root]);
        while (open.TryDequeue(out var parent))
        {
            foreach (var child in children[parent])
            {
                open.Enqueue(child.Id);
                yield return child;
            }
        }
    }

    private static List<ProcessRow> All()
    {
        var rows = new List<ProcessRow>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (char.IsAsciiDigit(Path.GetFileName(folder)[0]) && ReadRow(folder) is { } row)
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    private static ProcessRow? ReadRow(string folder)
    {
        try
        {
            return ProcessRow.Parse(File.ReadAllText(folder + "/stat"));
        }
        catch (IOException)
        {
            // It ended in between.
            return null;
        }
    }
}
