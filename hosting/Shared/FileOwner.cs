using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Shared;

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
