using System.Runtime.InteropServices;
using System.Text;

namespace FlaskStack.Bench;

internal sealed record ProcessInfo(int Id, int Parent, string Program, string Command)
{
    /// <summary>The kernel counts CPU time in hundredths of a second, on every architecture that .NET runs on.</summary>
    private const double SecondsPerTick = 0.01;
    private const int ParentField = 1;
    private const int UserField = 11;
    private const int SystemField = 12;

    /// <summary>
    /// The processes of a folder: it occurs in their environment, command line or working folder, or they descend from such a process.
    /// Parentage alone is not enough, because the orchestrator detaches itself; the environment is not, because nginx overwrites it.
    /// </summary>
    public static IReadOnlyList<ProcessInfo> Of(string folder)
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(entry => int.TryParse(Path.GetFileName(entry), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<ProcessInfo>()
            .ToList();
        var children = all.ToLookup(process => process.Parent);
        var found = new HashSet<ProcessInfo>();
        void Find(ProcessInfo process)
        {
            if (found.Add(process))
            {
                children[process.Id].ToList().ForEach(Find);
            }
        }

        all.Where(process => process.Id != Environment.ProcessId && process.IsMarked(folder)).ToList().ForEach(Find);
        return [.. found.OrderBy(process => process.Id)];
    }

    public static double CpuSeconds(IEnumerable<ProcessInfo> processes) => processes.Sum(process =>
        Text(process.Id, "stat") is { Length: > 0 } stat
            ? (Number(Fields(stat)[UserField]) + Number(Fields(stat)[SystemField])) * SecondsPerTick
            : 0);

    public static double Pss(IEnumerable<ProcessInfo> processes) => processes.Sum(process =>
        Text(process.Id, "smaps_rollup").Split('\n')
            .Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
            .Sum(line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024.0));

    private static ProcessInfo? Read(int id)
    {
        var stat = Text(id, "stat");
        if (stat.Length == 0 || Fields(stat) is not [not ("Z" or "X"), ..] fields)
        {
            return null;
        }

        var command = Text(id, "cmdline");
        return new(id, (int)Number(fields[ParentField]), ProgramOf(command), command.Replace('\0', ' ').TrimEnd());
    }

    internal static string ProgramOf(string command)
    {
        var words = command.Split('\0');
        if (words[0].StartsWith("nginx: ", StringComparison.Ordinal))
        {
            return string.Join(' ', words[0].Split(' ')[..2]);
        }

        var name = Path.GetFileName(words[0]);
        return name.StartsWith("python", StringComparison.Ordinal)
            ? Path.GetFileName(words.Skip(1).FirstOrDefault(static word => word is not ("-B" or "-u")) ?? name)
            : name;
    }

    private bool IsMarked(string folder)
    {
        var marks = Command + Text(Id, "environ") + Try(() => new FileInfo($"/proc/{Id}/cwd").LinkTarget);
        return marks.Contains(folder, StringComparison.Ordinal);
    }

    private static string Text(int id, string file) => Try(() => File.ReadAllText($"/proc/{id}/{file}", Encoding.Latin1));

    /// <summary>What can be read, or nothing if the process has ended or belongs to another user.</summary>
    private static string Try(Func<string?> read)
    {
        try
        {
            return read() ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string[] Fields(string stat) => stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

internal static partial class Signal
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends a signal to processes. One that has ended is no error.</summary>
    public static void Send(IEnumerable<ProcessInfo> processes, int signal) =>
        processes.ToList().ForEach(process => _ = Send(process.Id, signal));

    /// <summary>Sends a signal to a process, or with a negative number to its group.</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Send(int process, int signal);
}
