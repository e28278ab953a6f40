using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Shared;

/// <summary>Reads and changes the owner of a file, which .NET has no API for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;
    private const int DoNotFollowLinks = 0x100;
    private const uint OwnerAndGroup = 0x8 | 0x10;
    private const uint Unchanged = uint.MaxValue;

    /// <summary>The user that this process runs as.</summary>
    public static uint UserId => GetEffectiveUser();

    /// <summary>The user and the group of a file; of a link, those of the link itself.</summary>
    /// <exception cref="IOException">The file does not exist, or the system has no <c>statx</c>.</exception>
    public static (uint User, uint Group) Of(string path) =>
        GetStatus(CurrentFolder, path, DoNotFollowLinks, OwnerAndGroup, out var status) == 0
            ? (status.User, status.Group)
            : throw LastError(path);

    /// <summary>Whether this is a folder of this user, and no link.</summary>
    /// <remarks>macOS does not show the owner; its temporary folder is the user's own.</remarks>
    public static bool IsOwnFolder(string path)
    {
        try
        {
            return new DirectoryInfo(path) is { Exists: true, LinkTarget: null } && (!OperatingSystem.IsLinux() || Of(path).User == UserId);
        }
        catch (IOException) when (!Directory.Exists(path))
        {
            // Another AppHost has deleted it between two calls.
            return false;
        }
    }

    /// <summary>Gives a file to a group.</summary>
    /// <exception cref="IOException">It is not this user's, or the group is not.</exception>
    public static void ChangeGroup(string path, uint group) => Change(path, Unchanged, group);

    /// <summary>Gives a file to a user and a group.</summary>
    /// <exception cref="IOException">This process is not root's.</exception>
    public static void Give(string path, uint user, uint group) => Change(path, user, group);

    /// <summary>Makes a file this user's.</summary>
    /// <exception cref="IOException">This process is not root's.</exception>
    public static void Take(string path) => Change(path, UserId, Unchanged);

    private static void Change(string path, uint user, uint group)
    {
        if (ChangeOwner(path, user, group) != 0)
        {
            throw LastError(path);
        }
    }

    private static IOException LastError(string path) => new($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    /// <remarks>It does not follow links.</remarks>
    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

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
