using System.Runtime.Versioning;
using System.Text;

namespace Aspire.Hosting.Shared;

/// <summary>A temporary folder of one run of an AppHost.</summary>
/// <remarks>
/// Other users cannot write to its parent. The AppHost holds a lock on the folder while it lives, which other AppHosts see in every
/// process and mount namespace; a folder without a held lock was left by an AppHost that was killed. Cleaners that respect such locks, as
/// <c>systemd-tmpfiles</c> does, leave the folder alone.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class PrivateFolder : IDisposable
{
    /// <summary>The mode of a folder for its owner only (0700).</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode GroupEnters = OwnerOnly | UnixFileMode.GroupExecute;
    private const string NewPrefix = "new-";

    private readonly PrivateParent _parent;
    private readonly uint? _group;
    private FolderLock _lock;

    private PrivateFolder(PrivateParent parent, string name, uint? group)
    {
        (_parent, _group) = (parent, group);
        (_lock, Path) = Make(name);
    }

    /// <summary>The absolute path, without links.</summary>
    public string Path { get; }

    /// <summary>Creates a folder, and deletes those left by AppHosts that were killed.</summary>
    /// <param name="parent">Where to create it.</param>
    /// <param name="prefix">The start of its name.</param>
    /// <param name="group">The group whose members may enter it; null for none.</param>
    /// <param name="clear">Called with each abandoned folder before it is deleted, or null.</param>
    /// <exception cref="IOException">The parent folder is not safe from other users, or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The parent folder cannot be written.</exception>
    public static PrivateFolder Create(PrivateParent parent, string prefix, uint? group = null, Action<string>? clear = null)
    {
        parent.Ensure();
        DeleteAbandoned(parent.Path, prefix, clear);
        return new(parent, prefix + System.IO.Path.GetRandomFileName()[..6], group);
    }

    /// <summary>Lets the members of a group enter a folder that another package has created for its sockets.</summary>
    /// <returns>Whether it is such a folder of this user, and they can enter it now.</returns>
    public static bool TryAdmit(string folder, uint group)
    {
        if (System.IO.Path.GetDirectoryName(folder) is not { } parent
            || System.IO.Path.GetFileName(parent) != PrivateParent.NameForUser
            || !FileOwner.IsOwnFolder(parent)
            || !FileOwner.IsOwnFolder(folder))
        {
            return false;
        }

        Admit(folder, group);
        return true;
    }

    /// <summary>Creates the folder again if it has been deleted.</summary>
    /// <exception cref="IOException">The parent folder is not safe from other users, or cannot be written.</exception>
    public void Ensure()
    {
        if (!Directory.Exists(Path))
        {
            _lock.Dispose();
            (_lock, _) = Make(System.IO.Path.GetFileName(Path));
        }
    }

    /// <summary>Deletes the folder and its contents.</summary>
    public void Dispose()
    {
        TryDelete(Path);
        _lock.Dispose();
    }

    private (FolderLock Lock, string Path) Make(string name)
    {
        _parent.Ensure();
        // Others delete only folders with the prefix of the name, and this one gets it with its lock held.
        var unlocked = System.IO.Path.Combine(_parent.Path, NewPrefix + name);
        Directory.CreateDirectory(unlocked, OwnerOnly);
        if (_group is { } group)
        {
            Admit(unlocked, group);
        }

        var hold = FolderLock.Take(unlocked);
        // Processes are found by paths without links.
        var folder = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(hold.PathWithoutLinks ?? unlocked)!, name);
        Directory.Move(unlocked, folder);
        return (hold, folder);
    }

    private static void Admit(string folder, uint group)
    {
        FileOwner.ChangeGroup(folder, group);
        File.SetUnixFileMode(folder, GroupEnters);
    }

    private static void DeleteAbandoned(string parent, string prefix, Action<string>? clear)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, prefix + "*").Where(FileOwner.IsOwnFolder))
        {
            using var abandoned = FolderLock.TryTake(folder);
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
            if (FileOwner.IsOwnFolder(folder))
            {
                TakeOver(folder);
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file in it is still being written: the next AppHost deletes it.
        }
    }

    /// <summary>
    /// Takes folders inside from other users, as the workers of nginx are: they could replace one by a link while root deletes what is
    /// in it. From the top down, so that nothing can be replaced in a folder that has been taken.
    /// </summary>
    private static void TakeOver(string folder)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        foreach (var inner in new DirectoryInfo(folder).EnumerateDirectories().Where(static inner => inner.LinkTarget is null))
        {
            FileOwner.Take(inner.FullName);
            inner.UnixFileMode = OwnerOnly;
            TakeOver(inner.FullName);
        }
    }
}

/// <summary>The parent of a user's private folders.</summary>
/// <remarks>
/// It is in <c>XDG_RUNTIME_DIR</c> where that is this user's alone, or else in the temporary folder. Root's is always in the temporary
/// folder: nginx's workers, which run as another user, cannot enter the other.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class PrivateParent
{
    /// <summary>The longest path of a Unix socket, in bytes.</summary>
    private static readonly int LongestSocketPath = OperatingSystem.IsLinux() ? 107 : 103;

    private const string Name = "aspire-hosting";
    private const string RuntimeFolder = "XDG_RUNTIME_DIR";
    private const string TemporaryFolder = "TMPDIR";
    private const UnixFileMode OthersEnter = PrivateFolder.OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly UnixFileMode _mode;

    private PrivateParent(string variable, string folder, string name, UnixFileMode mode)
    {
        (Variable, Path) = (variable, System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), name));
        _mode = mode;
    }

    /// <summary>The name of the folder in the temporary folder, which users share.</summary>
    public static string NameForUser { get; } = $"{Name}-{FileOwner.UserId}";

    /// <summary>The environment variable that moves it elsewhere.</summary>
    public string Variable { get; }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>The error that names the folder, the reason and the remedy.</summary>
    /// <param name="what">What cannot be done, up to the path: <c>nginx's files cannot be written to</c>.</param>
    /// <param name="reason">Why not.</param>
    public DistributedApplicationException CannotWrite(string what, Exception reason) => new(
        $"{what} {Path}: {reason.Message.TrimEnd('.')}. Make that a writable folder of your own, or set {Variable} to another folder.",
        reason);

    /// <summary>Chooses the folder.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static PrivateParent Of(Func<string, string?> environment)
    {
        var isRoot = Environment.IsPrivilegedProcess;
        return !isRoot && environment(RuntimeFolder) is { } runtime && IsPrivate(runtime)
            ? new(RuntimeFolder, runtime, Name, PrivateFolder.OwnerOnly)
            : new(
                TemporaryFolder,
                environment(TemporaryFolder) is { Length: > 0 } folder ? folder : "/tmp",
                NameForUser,
                isRoot ? OthersEnter : PrivateFolder.OwnerOnly);
    }

    /// <summary>Whether a path is short enough for a Unix socket.</summary>
    public static bool FitsSocket(string path) => Encoding.UTF8.GetByteCount(path) <= LongestSocketPath;

    /// <summary>Creates the folder if it does not exist, and checks that no other user can write to it or replace it.</summary>
    /// <exception cref="IOException">It is not safe from other users, or cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be created.</exception>
    public void Ensure()
    {
        Directory.CreateDirectory(Path, PrivateFolder.OwnerOnly);
        if (!FileOwner.IsOwnFolder(Path))
        {
            throw new IOException("it belongs to another user, or is a link");
        }

        if (TrustedPath.ProblemWith(System.IO.Path.GetDirectoryName(Path)!) is { } problem)
        {
            throw new IOException(problem);
        }

        if (File.GetUnixFileMode(Path) != _mode)
        {
            File.SetUnixFileMode(Path, _mode);
        }
    }

    private static bool IsPrivate(string folder) =>
        System.IO.Path.IsPathFullyQualified(folder)
        && FileOwner.IsOwnFolder(folder)
        && (File.GetUnixFileMode(folder) & ~PrivateFolder.OwnerOnly) == 0;
}
