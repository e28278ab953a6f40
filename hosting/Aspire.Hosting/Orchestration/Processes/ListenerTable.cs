using System.Globalization;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Finds the process behind a listening port in <c>/proc</c> (see proc(5), <c>/proc/net/tcp</c>).</summary>
internal static class ListenerTable
{
    private const string Listening = "0A";
    private const int AddressField = 1;
    private const int StateField = 3;
    private const int InodeField = 9;

    /// <summary>The owner of the port, or null when nobody listens or it is another user's.</summary>
    public static PortOwner? Find(int port)
    {
        var sockets = Inodes("/proc/net/tcp", port).Concat(Inodes("/proc/net/tcp6", port)).Select(inode => $"socket:[{inode}]").ToHashSet();
        if (sockets.Count == 0)
        {
            return null;
        }

        // The oldest holder is the one a person knows: nginx's master before its workers.
        return ProcessTable.ReadAll()
            .Where(status => Holds(status.Id, sockets))
            .OrderBy(status => status.StartTicks)
            .ThenBy(status => status.Id)
            .Select(status => new PortOwner(status.Id, status.Name))
            .FirstOrDefault();
    }

    private static IEnumerable<string> Inodes(string table, int port)
    {
        if (!File.Exists(table))
        {
            return [];
        }

        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines(table)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > InodeField
                && fields[StateField] == Listening
                && fields[AddressField].EndsWith(suffix, StringComparison.Ordinal))
            .Select(fields => fields[InodeField]);
    }

    private static bool Holds(int processId, HashSet<string> sockets)
    {
        try
        {
            return new DirectoryInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fd"))
                .EnumerateFileSystemInfos()
                .Any(descriptor => descriptor.LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or another user's.
            return false;
        }
    }
}
