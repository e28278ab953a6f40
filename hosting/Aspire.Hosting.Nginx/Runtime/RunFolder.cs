using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.Sampling;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>The folder of one run: nginx reads and writes nothing else.</summary>
/// <remarks>
/// It lies in a folder that belongs to this user alone, and is this AppHost's while it holds the lock on a file in it. What lies beside
/// it without a lock was left by an AppHost that was killed.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class RunFolder : IDisposable
{
    private const string ParentName = "flaskstack";
    private const string Prefix = "nginx-";
    private const string NewPrefix = "new-";
    private const string LockFile = "lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly UnixFileMode _mode;
    private FileStream? _lock;

    private RunFolder(NginxRunPaths paths, UnixFileMode mode) => (Paths, _mode) = (paths, mode);

    public NginxRunPaths Paths { get; }

    /// <summary>Makes the folder, and clears those of AppHosts that were killed.</summary>
    /// <param name="workersAreOthers">Whether nginx's workers run as another user, who must get at pages and temporary files.</param>
    /// <exception cref="DistributedApplicationException">No folder can be written, or the one for it is another user's.</exception>
    public static RunFolder Create(bool workersAreOthers)
    {
        var parent = ParentFolder(workersAreOthers);
        try
        {
            // Other users' workers go through it and see nothing of it.
            Directory.CreateDirectory(parent, WorkerAccess.Enters);
            Check(parent);
            RemoveAbandoned(parent);
            return CreateIn(parent, workersAreOthers ? WorkerAccess.Enters : OwnerOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(parent, exception);
        }
    }

    /// <summary>Says which folder cannot be written, why, and what to do.</summary>
    public static DistributedApplicationException CannotWrite(string folder, Exception exception) =>
        new($"nginx's files cannot be written to {folder}: {exception.Message.TrimEnd('.')}. Make room there, or set TMPDIR to another folder.", exception);

    /// <summary>Makes what is missing: somebody may have cleared temporary files.</summary>
    public void Ensure()
    {
        Directory.CreateDirectory(Paths.Folder, _mode);
        if (_lock is null || !File.Exists(Path.Combine(Paths.Folder, LockFile)))
        {
            _lock?.Dispose();
            _lock = Lock(Paths.Folder);
        }

        Directory.CreateDirectory(Paths.TemporaryFolder, _mode);
        Directory.CreateDirectory(Paths.ErrorPagesFolder, _mode);
        SamplingGate.Prepare(Paths.GatesFolder, NginxRunPaths.KeptGate, NginxRunPaths.ToldGate);
        Directory.CreateDirectory(Paths.SnippetsFolder, OwnerOnly);
    }

    /// <summary>Copies what the configuration refers to, so that the workers can read it wherever it came from.</summary>
    /// <exception cref="DistributedApplicationException">An error page cannot be read.</exception>
    public void WriteFiles(NginxConfiguration configuration)
    {
        for (var index = 0; index < configuration.ErrorPages.Length; index++)
        {
            var target = Paths.ErrorPageFile(index);
            ErrorPageFile.Copy(configuration.ErrorPages[index].File, target);
            File.SetUnixFileMode(target, WorkerAccess.Reads);
        }

        for (var index = 0; index < configuration.Snippets.Length; index++)
        {
            if (configuration.Snippets[index].Text is { } text)
            {
                File.WriteAllText(Paths.SnippetFile(index), text.EndsWith('\n') ? text : text + "\n");
            }
        }
    }

    public void Dispose()
    {
        NginxMaster.KillOrphans(Paths.Folder);
        TryDelete(Paths.Folder);
        _lock?.Dispose();
    }

    private static RunFolder CreateIn(string parent, UnixFileMode mode)
    {
        var name = Path.GetRandomFileName()[..6];
        var unlocked = Path.Combine(parent, NewPrefix + name);
        Directory.CreateDirectory(unlocked, mode);
        var hold = Lock(unlocked)!;

        // The system knows processes by the path without links. The name that others clear comes with the lock.
        var folder = Path.Combine(Path.GetDirectoryName(PathWithoutLinks(hold, unlocked))!, Prefix + name);
        Directory.Move(unlocked, folder);
        var run = new RunFolder(new(folder), mode) { _lock = hold };
        run.Ensure();
        return run;
    }

    private static string PathWithoutLinks(FileStream hold, string folder) =>
        OperatingSystem.IsLinux() && new FileInfo($"/proc/self/fd/{hold.SafeFileHandle.DangerousGetHandle()}").LinkTarget is { } target
            ? Path.GetDirectoryName(target)!
            : folder;

    /// <summary>A folder of this user alone. Root's own is closed to workers of another user.</summary>
    private static string ParentFolder(bool workersAreOthers) =>
        !workersAreOthers && Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } own && Path.IsPathFullyQualified(own) && Directory.Exists(own)
            ? Path.Combine(own, ParentName)
            : Path.Combine(Path.GetTempPath(), $"{ParentName}-{Native.UserId}");

    /// <summary>Whoever else could have made it, could have put anything in it.</summary>
    private static void Check(string parent)
    {
        var folder = new DirectoryInfo(parent);
        if (folder.LinkTarget is not null)
        {
            throw new IOException("it is a link");
        }

        if (OperatingSystem.IsLinux() && Native.OwnerOf(parent).User != Native.UserId)
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
            return new(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(Path.Combine(folder, LockFile)))
        {
            return null;
        }
    }

    private static void RemoveAbandoned(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            using var abandoned = Lock(folder);
            if (abandoned is not null)
            {
                NginxMaster.KillOrphans(folder);
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
