using System.Diagnostics;
using System.Globalization;

namespace FlaskStack.Tests.Graph;

/// <summary>What a process has started, as Linux lists it.</summary>
internal static class ProcessTree
{
    /// <summary>A process and those below it, opened so that a later one with the same id is not taken for one of them.</summary>
    public static IReadOnlyList<Process> GetTree(int processId)
    {
        var children = Read().ToLookup(process => process.Parent, process => process.Id);
        var found = new List<Process>();
        var open = new Stack<int>([processId]);
        while (open.TryPop(out var parent))
        {
            Add(found, parent);
            foreach (var child in children[parent])
            {
                open.Push(child);
            }
        }

        return found;
    }

    /// <summary>The orchestrator's process that runs everything of an AppHost, which is not below the AppHost.</summary>
    public static int GetOrchestrator(int appHost)
    {
        var monitor = string.Create(CultureInfo.InvariantCulture, $"start-apiserver --monitor {appHost} ");
        var server = Assert.Single(Commands(), command => command.Line.Contains(monitor, StringComparison.Ordinal)).Line;
        var kubeconfig = server[(server.IndexOf("--kubeconfig ", StringComparison.Ordinal) + "--kubeconfig ".Length)..].Split(' ')[0];
        return Assert.Single(
            Commands(),
            command => command.Line.Contains("run-controllers", StringComparison.Ordinal)
                && command.Line.Contains(kubeconfig, StringComparison.Ordinal)).Id;
    }

    /// <summary>Waits until none of them is left.</summary>
    public static async Task WaitForExitAsync(IReadOnlyList<Process> processes)
    {
        foreach (var process in processes)
        {
            using (process)
            {
                await process.WaitForExitAsync().WaitAsync(RunningGraph.Deadline);
            }
        }
    }

    private static IEnumerable<(int Id, int Parent)> Read() => Directory.EnumerateDirectories("/proc")
        .Select(folder => (Id: ReadNumber(Path.GetFileName(folder)), Parent: ReadParent(folder)))
        .Where(process => process is { Id: not null, Parent: not null })
        .Select(process => (process.Id!.Value, process.Parent!.Value));

    private static IEnumerable<(int Id, string Line)> Commands() => Read().Select(process => (process.Id, ReadCommand(process.Id)));

    private static string ReadCommand(int processId)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return string.Empty;
        }
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

    private static int? ReadNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

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
