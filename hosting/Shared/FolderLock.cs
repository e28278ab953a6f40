using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Shared;

/// <summary>A lock on a folder (<c>flock</c>). The system releases it when the process ends, however that ends.</summary>
/// <remarks>It is on the folder itself, because a lock file in it could be deleted under a process that holds it.</remarks>
[UnsupportedOSPlatform("windows")]
internal sealed partial class FolderLock : IDisposable
{
    private const int Exclusive = 2;
    private const int DoNotWait = 4;

    private nint _folder;

    private FolderLock(nint folder) => _folder = folder;

    /// <summary>The path of the folder without links, or null where the system does not show it.</summary>
    public string? PathWithoutLinks => OperatingSystem.IsLinux() ? new FileInfo($"/proc/self/fd/{Descriptor(_folder)}").LinkTarget : null;

    /// <summary>Locks a new folder. Where the file system has no locks, other processes cannot take it either.</summary>
    /// <exception cref="IOException">The folder cannot be opened.</exception>
    public static FolderLock Take(string folder)
    {
        var hold = TryOpen(folder) ?? throw new IOException($"{folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        _ = Lock(Descriptor(hold._folder), Exclusive | DoNotWait);
        return hold;
    }

    /// <summary>Locks a folder; null when it is locked already, has gone, or cannot be locked.</summary>
    public static FolderLock? TryTake(string folder)
    {
        var hold = TryOpen(folder);
        if (hold is not null && Lock(Descriptor(hold._folder), Exclusive | DoNotWait) != 0)
        {
            hold.Dispose();
            return null;
        }

        return hold;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _folder, 0) is not 0 and var folder)
        {
            _ = Close(folder);
        }
    }

    private static FolderLock? TryOpen(string folder) => Open(folder) is not 0 and var opened ? new(opened) : null;

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string folder);

    [LibraryImport("libc", EntryPoint = "dirfd")]
    private static partial int Descriptor(nint folder);

    [LibraryImport("libc", EntryPoint = "flock")]
    private static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int Close(nint folder);
}
