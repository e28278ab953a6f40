using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Shared;

/// <summary>A folder for the time of one run.</summary>
/// <remarks>
/// It lies in a folder that belongs to this user alone, and is this AppHost's while it holds the lock on a file in it. What lies beside
/// it without a lock was left by an AppHost that was killed.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class PrivateFolder : IDisposable
{
    /// <summary>A folder whose entries others reach by name (0711).</summary>
    public const UnixFileMode Enters =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>A folder of its owner alone (0700).</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string ParentName = "aspire-hosting";
    private const string NewPrefix = "new-";
    private const string LockFile = "lock";
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly UnixFileMode _mode;
    private FileStream? _lock;

    private PrivateFolder(string path, UnixFileMode mode, FileStream hold) => (Path, _mode, _lock) = (path, mode, hold);

    /// <summary>Its absolute path, without links.</summary>
    public string Path { get; }

    /// <summary>The folder in which a user's folders lie. Root's own is closed to other users' processes.</summary>
    /// <param name="othersEnter">Whether processes of other users must reach files in it.</param>
    public static string ParentFolder(bool othersEnter)
    {
        var own = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return !othersEnter && System.IO.Path.IsPathFullyQualified(own ?? "") && Directory.Exists(own)
            ? System.IO.Path.Combine(own, ParentName)
            : System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{ParentName}-{FileOwner.UserId}");
    }

    /// <summary>Makes a folder, and clears those of AppHosts that were killed.</summary>
    /// <param name="prefix">What its name begins with.</param>
    /// <param name="othersEnter">Whether processes of other users must reach files in it.</param>
    /// <param name="clear">Is called with each abandoned folder before it is deleted; null does nothing.</param>
    /// <exception cref="IOException">The folder for it is another user's, or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder for it cannot be written.</exception>
    public static PrivateFolder Create(string prefix, bool othersEnter, Action<string>? clear = null)
    {
        var parent = ParentFolder(othersEnter);
        Directory.CreateDirectory(parent, Enters);
        Check(parent);
        RemoveAbandoned(parent, prefix, clear);

        var mode = othersEnter ? Enters : OwnerOnly;
        var name = System.IO.Path.GetRandomFileName()[..6];
        var unlocked = System.IO.Path.Combine(parent, NewPrefix + name);
        Directory.CreateDirectory(unlocked, mode);
        var hold = Lock(unlocked)!;

        // The system knows processes by the path without links. The name that others clear comes with the lock.
        var folder = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(PathWithoutLinks(hold, unlocked))!, prefix + name);
        Directory.Move(unlocked, folder);
        return new(folder, mode, hold);
    }

    /// <summary>Makes it anew where a cleaner of temporary files took it.</summary>
    public void Ensure()
    {
        Directory.CreateDirectory(Path, _mode);
        if (_lock is null || !File.Exists(System.IO.Path.Combine(Path, LockFile)))
        {
            _lock?.Dispose();
            _lock = Lock(Path);
        }
    }

    /// <summary>Deletes it with all that is in it.</summary>
    public void Dispose()
    {
        TryDelete(Path);
        _lock?.Dispose();
    }

    private static string PathWithoutLinks(FileStream hold, string folder) =>
        OperatingSystem.IsLinux() && new FileInfo($"/proc/self/fd/{hold.SafeFileHandle.DangerousGetHandle()}").LinkTarget is { } target
            ? System.IO.Path.GetDirectoryName(target)!
            : folder;

    /// <summary>Whoever else could have made it, could have put anything in it.</summary>
    private static void Check(string parent)
    {
        var folder = new DirectoryInfo(parent);
        if (folder.LinkTarget is not null)
        {
            throw new IOException("it is a link");
        }

        if (OperatingSystem.IsLinux() && FileOwner.Of(parent).User != FileOwner.UserId)
        {
            throw new IOException("it belongs to another user");
        }

        if ((folder.UnixFileMode & OthersWrite) != 0)
        {
            throw new IOException("others may write there");
        }
    }

    /// <summary>Takes the lock of a folder; null where somebody has it.</summary>
    private static FileStream? Lock(string folder)
    {
        try
        {
            return new(System.IO.Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(System.IO.Path.Combine(folder, LockFile)))
        {
            return null;
        }
    }

    /// <summary>
    /// As above; null also where another AppHost deletes the folder at that moment. What cannot be cleared keeps nobody from starting.
    /// </summary>
    private static FileStream? LockAbandoned(string folder)
    {
        try
        {
            return Lock(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void RemoveAbandoned(string parent, string prefix, Action<string>? clear)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, prefix + "*"))
        {
            using var abandoned = LockAbandoned(folder);
            if (abandoned is not null)
            {
                clear?.Invoke(folder);
                TryDelete(folder);
            }
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file in it is being written still: the next AppHost will clear it.
        }
    }
}

/// <summary>Whose a file is, which .NET has no call for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;
    private const int DoNotFollowLinks = 0x100;
    private const uint OwnerAndGroup = 0x8 | 0x10;

    /// <summary>The user this process runs as.</summary>
    public static uint UserId => GetEffectiveUser();

    /// <summary>The user and the group that a file, or a link itself, belongs to.</summary>
    /// <exception cref="IOException">It is not there, or the system does not tell.</exception>
    public static (uint User, uint Group) Of(string path) =>
        GetStatus(CurrentFolder, path, DoNotFollowLinks, OwnerAndGroup, out var status) == 0
            ? (status.User, status.Group)
            : throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    /// <remarks>statx is the one call whose structure is the same on every processor; macOS has none.</remarks>
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, out FileStatus status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;
    }
}
