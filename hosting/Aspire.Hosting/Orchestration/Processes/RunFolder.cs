using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// A folder for the sockets of one run, with a path short enough for them. Only this user may enter it; root's may be passed through,
/// not listed, because nginx started by root has workers of another user.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const string Prefix = "flaskstack-";
    private const string OwnerFile = "owner";
    private const int NameLength = 8;

    // sockaddr_un has 108 bytes on Linux and 104 on macOS, with a zero at the end.
    private const int LongestSocketPath = 107;
    private const int LongestSocketPathElsewhere = 103;

    // Room for a socket's name behind the folder's own.
    private const int SocketNameRoom = 40;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode PassThrough = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private RunFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Creates a folder for this run, and removes those of AppHosts that died.</summary>
    /// <exception cref="IOException">There is no folder to create it in; the message says what to set.</exception>
    public static RunFolder Create(RunIdentity identity)
    {
        string?[] candidates =
        [
            System.Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"),
            System.IO.Path.GetTempPath(),
            OperatingSystem.IsWindows() ? null : "/tmp",
        ];
        var parent = candidates.FirstOrDefault(IsUsable) ?? throw new IOException(
            "There is no folder for sockets that is short, writable and, for root, open to other users to pass through. Set TMPDIR to one, e.g. /tmp.");
        return Create(identity, parent);
    }

    /// <summary>The path of a socket in the folder.</summary>
    /// <exception cref="ArgumentException">The path would be too long for a socket.</exception>
    public string SocketPath(string fileName)
    {
        var path = System.IO.Path.Combine(Path, fileName);
        return Encoding.UTF8.GetByteCount(path) <= LongestPath
            ? path
            : throw new ArgumentException($"The socket path '{path}' is longer than {LongestPath} bytes. Use a shorter name.", nameof(fileName));
    }

    /// <summary>
    /// Lets nginx's workers connect to a socket that a process of root made: connecting needs write permission, which the usual umask
    /// takes away. Does nothing for other users, whose nginx runs as they do.
    /// </summary>
    public static void Admit(string socketPath)
    {
        if (!OperatingSystem.IsWindows() && System.Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(socketPath, File.GetUnixFileMode(socketPath) | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        }
    }

    /// <summary>Deletes the folder with everything in it.</summary>
    public void Dispose() => Delete(Path);

    /// <summary>Creates the folder in <paramref name="parent"/>.</summary>
    internal static RunFolder Create(RunIdentity identity, string parent)
    {
        RemoveLeftovers(parent);
        var path = System.IO.Path.Combine(parent, Prefix + RandomNumberGenerator.GetHexString(NameLength, lowercase: true));
        UserFolders.Create(path);
        File.WriteAllText(
            System.IO.Path.Combine(path, OwnerFile),
            string.Create(CultureInfo.InvariantCulture, $"{identity.OwnerId} {identity.OwnerStartTicks} {Host()}"));
        if (!OperatingSystem.IsWindows() && System.Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(path, PassThrough);
        }

        return new RunFolder(path);
    }

    private static int LongestPath => OperatingSystem.IsLinux() ? LongestSocketPath : LongestSocketPathElsewhere;

    private static string Host() => OperatingSystem.IsLinux() ? LeftoverRecord.CurrentHost() : System.Environment.MachineName;

    private static bool IsUsable(string? folder)
    {
        if (string.IsNullOrEmpty(folder) || !System.IO.Path.IsPathFullyQualified(folder) || !Directory.Exists(folder))
        {
            return false;
        }

        var length = Encoding.UTF8.GetByteCount(folder.TrimEnd('/')) + 1 + Prefix.Length + NameLength + 1 + SocketNameRoom;
        return length <= LongestPath && UserFolders.IsWritable(folder) && (!System.Environment.IsPrivilegedProcess || IsPassable(folder));
    }

    // Root's own runtime folder (/run/user/0) is closed to nginx's workers.
    private static bool IsPassable(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            if (!current.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    private static void RemoveLeftovers(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, Prefix + new string('?', NameLength)))
        {
            if (IsLeftover(folder))
            {
                Delete(folder);
            }
        }
    }

    // Only what is surely a dead AppHost's of this boot and namespace; other users' folders cannot be read.
    private static bool IsLeftover(string folder)
    {
        try
        {
            var owner = File.ReadAllText(System.IO.Path.Combine(folder, OwnerFile)).Split(' ');
            return OperatingSystem.IsLinux()
                && owner.Length == 3
                && int.TryParse(owner[0], NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
                && long.TryParse(owner[1], NumberStyles.None, CultureInfo.InvariantCulture, out var startTicks)
                && owner[2] == Host()
                && !ProcessTable.IsAlive(processId, startTicks);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start removes it.
        }
    }
}
