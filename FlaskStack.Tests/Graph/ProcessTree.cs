using System.Diagnostics;
using System.Globalization;

namespace FlaskStack.Tests.Graph;

/// <summary>What a process has started, as Linux lists it.</summary>
internal static class ProcessTree
{
    /// <summary>The processes below a process, opened so that a later one with the same id is not taken for one of them.</summary>
    public static IReadOnlyList<Process> GetDescendants(int processId)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(folder => (Id: ReadNumber(Path.GetFileName(folder)), Parent: ReadParent(folder)))
            .Where(process => process is { Id: not null, Parent: not null })
            .ToLookup(process => process.Parent!.Value, process => process.Id!.Value);
        var found = new List<Process>();
        var open = new Stack<int>([processId]);
        while (open.TryPop(out var parent))
        {
            foreach (var child in children[parent])
            {
                open.Push(child);
                Add(found, child);
            }
        }

        return found;
    }

    private static void Add(List<Process> found, int processId)
    {
        try
        {
            found.Add(Process.GetProcessById(processId));
        }
        catch (ArgumentException)
        {
            // It has ended meanwhile.
        }
    }

    private static int? ReadNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static int? ReadParent(string folder)
    {
        try
        {
            // pid (name) state ppid …, where the name may hold anything.
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return ReadNumber(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
