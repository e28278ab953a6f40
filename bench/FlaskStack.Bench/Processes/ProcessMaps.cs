namespace FlaskStack.Bench.Processes;

/// <summary>The memory of one process, from <c>/proc/[pid]/smaps</c> and <c>smaps_rollup</c>.</summary>
/// <param name="OwnKibibytes">Memory of no file, a part shared with others of the stack counted in proportion.</param>
/// <param name="ProportionalKibibytes">The kernel's PSS of everything.</param>
/// <param name="Files">The pages of files.</param>
internal sealed record ProcessMaps(long OwnKibibytes, long ProportionalKibibytes, IReadOnlyList<FilePages> Files)
{
    /// <summary>Reads a process; null when it ended in between.</summary>
    public static ProcessMaps? Read(int processId)
    {
        try
        {
            return Parse(File.ReadAllLines($"/proc/{processId}/smaps_rollup"), File.ReadAllLines($"/proc/{processId}/smaps"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads the text of both files.</summary>
    public static ProcessMaps Parse(IReadOnlyCollection<string> rollup, IEnumerable<string> maps)
    {
        var own = Field(rollup, "Pss_Anon:") + Field(rollup, "Pss_Shmem:");
        return new(own, Field(rollup, "Pss:"), [.. ParseFiles(maps)]);
    }

    private static IEnumerable<FilePages> ParseFiles(IEnumerable<string> lines)
    {
        string? mapping = null;
        long resident = 0;
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
            {
                mapping = Mapping(words);
            }
            else if (mapping is not null && words[0] == "Rss:")
            {
                resident = Number(words[1]);
            }
            else if (mapping is not null && words[0] == "Anonymous:" && resident > Number(words[1]))
            {
                yield return new(mapping, resident - Number(words[1]));
            }
        }
    }

    /// <summary>A head line is: addresses, rights, offset, device, inode, path. Shared memory has an inode too, but is no file.</summary>
    private static string? Mapping(string[] words) =>
        words.Length < 6 || words[4] == "0" || !words[5].StartsWith('/') || IsSharedMemory(words[5])
            ? null
            : $"{words[3]} {words[4]} {words[2]}";

    private static bool IsSharedMemory(string path) =>
        path.StartsWith("/memfd:", StringComparison.Ordinal)
        || path.StartsWith("/dev/", StringComparison.Ordinal)
        || path.StartsWith("/SYSV", StringComparison.Ordinal);

    private static long Field(IReadOnlyCollection<string> lines, string name) =>
        lines.Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]))
            .FirstOrDefault();

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
