using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>What .NET has no call for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Native
{
    public const int Hangup = 1;
    public const int Quit = 3;
    public const int Kill = 9;

    private const uint Unchanged = uint.MaxValue;
    private const int CurrentFolder = -100;
    private const int DoNotFollowLinks = 0x100;
    private const uint OwnerAndGroup = 0x8 | 0x10;

    /// <summary>The user this process runs as.</summary>
    public static uint UserId => GetEffectiveUser();

    /// <summary>Sends a signal.</summary>
    /// <returns>Whether the process is there and may be signalled.</returns>
    public static bool Send(int signal, int processId) => SendSignal(processId, signal) == 0;

    /// <summary>Gives a file to a group.</summary>
    /// <returns>Why it cannot be, or null.</returns>
    public static string? ChangeGroup(string path, uint group) => ChangeOwner(path, Unchanged, group) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();

    /// <summary>The user and the group that a file, or a link itself, belongs to.</summary>
    /// <exception cref="IOException">It is not there, or the system does not tell.</exception>
    public static (uint User, uint Group) OwnerOf(string path) =>
        GetStatus(CurrentFolder, path, DoNotFollowLinks, OwnerAndGroup, out var status) == 0
            ? (status.User, status.Group)
            : throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

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
