using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Shared;

/// <summary>A temporary folder of one run of an AppHost.</summary>
/// <remarks>
/// Its parent folder belongs to this user only. The AppHost holds a lock on a file in it; a folder without a held lock was left by an
/// AppHost that was killed.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class PrivateFolder : IDisposable
{
    /// <summary>The mode of a folder whose entries other users reach by name (0711).</summary>
    public const UnixFileMode Enters =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The mode of a folder for its owner only (0700).</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string ParentName = "aspire-hosting";
    private const string NewPrefix = "new-";
    private const string LockFile = "lock";
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly UnixFileMode _mode;
    private FileStream? _lock;

    private PrivateFolder(string path, UnixFileMode mode, FileStream hold) => (Path, _mode, _lock) = (path, mode, hold);

    /// <summary>The absolute path, without links.</summary>
    public string Path { get; }

    /// <summary>The parent of a user's folders. The runtime folder of root is closed to other users.</summary>
    /// <param name="othersEnter">Whether processes of other users must reach files in it.</param>
    public static string ParentFolder(bool othersEnter)
    {
        var own = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return !othersEnter && System.IO.Path.IsPathFullyQualified(own ?? "") && Directory.Exists(own)
            ? System.IO.Path.Combine(own, ParentName)
            : System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{ParentName}-{FileOwner.UserId}");
    }

    /// <summary>Creates a folder, and deletes those left by AppHosts that were killed.</summary>
    /// <param name="prefix">The start of its name.</param>
    /// <param name="othersEnter">Whether processes of other users must reach files in it.</param>
    /// <param name="clear">Called with each abandoned folder before it is deleted, or null.</param>
    /// <exception cref="IOException">The parent folder belongs to another user, or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The parent folder cannot be written.</exception>
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

        // Processes are found by paths without links. Others delete only folders with the prefix, and this one gets it with its lock held.
        var folder = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(PathWithoutLinks(hold, unlocked))!, prefix + name);
        Directory.Move(unlocked, folder);
        return new(folder, mode, hold);
    }

    /// <summary>Creates the folder again if a cleaner of temporary files has deleted it.</summary>
    public void Ensure()
    {
        Directory.CreateDirectory(Path, _mode);
        if (_lock is null || !File.Exists(System.IO.Path.Combine(Path, LockFile)))
        {
            _lock?.Dispose();
            _lock = Lock(Path);
        }
    }

    /// <summary>Deletes the folder and its contents.</summary>
    public void Dispose()
    {
        TryDelete(Path);
        _lock?.Dispose();
    }

    private static string PathWithoutLinks(FileStream hold, string folder) =>
        OperatingSystem.IsLinux() && new FileInfo($"/proc/self/fd/{hold.SafeFileHandle.DangerousGetHandle()}").LinkTarget is { } target
            ? System.IO.Path.GetDirectoryName(target)!
            : folder;

    /// <summary>Checks that no other user can write to the parent folder.</summary>
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

    /// <summary>Takes the lock of a folder; null when it is held already.</summary>
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
    /// Takes the lock of an abandoned folder; null also when another AppHost deletes it at the same time, or it cannot be accessed.
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
            // A file in it is still being written: the next AppHost deletes it.
        }
    }
}

/// <summary>Reads the owner of a file, which .NET has no API for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;
    private const int DoNotFollowLinks = 0x100;
    private const uint OwnerAndGroup = 0x8 | 0x10;

    /// <summary>The user that this process runs as.</summary>
    public static uint UserId => GetEffectiveUser();

    /// <summary>The user and the group of a file; of a link, those of the link itself.</summary>
    /// <exception cref="IOException">The file does not exist, or the system has no <c>statx</c>.</exception>
    public static (uint User, uint Group) Of(string path) =>
        GetStatus(CurrentFolder, path, DoNotFollowLinks, OwnerAndGroup, out var status) == 0
            ? (status.User, status.Group)
            : throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    /// <remarks>The structure of <c>statx</c> is the same on every processor. macOS does not have the call.</remarks>
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
