using System.Globalization;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Names the process that listens on a port, where /proc tells.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";

    private static readonly string[] SocketTables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>The process as "name (pid 123)", or null where it cannot be seen.</summary>
    public static string? Of(int port)
    {
        var inodes = SocketTables
            .Where(File.Exists)
            .SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == Listening && PortOf(fields[1]) == port)
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet(StringComparer.Ordinal);

        return inodes.Count == 0 ? null : Processes().FirstOrDefault(process => Holds(process, inodes)) is { } owner ? Describe(owner) : null;
    }

    private static int PortOf(string address) =>
        int.Parse(address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Processes() =>
        Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]));

    private static bool Holds(string process, HashSet<string> inodes)
    {
        try
        {
            return Directory.EnumerateFiles($"{process}/fd").Any(file => new FileInfo(file).LinkTarget is { } target && inodes.Contains(target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or another user's.
            return false;
        }
    }

    private static string Describe(string process)
    {
        try
        {
            return $"{File.ReadAllText($"{process}/comm").Trim()} (pid {Path.GetFileName(process)})";
        }
        catch (IOException)
        {
            return $"pid {Path.GetFileName(process)}";
        }
    }
}
