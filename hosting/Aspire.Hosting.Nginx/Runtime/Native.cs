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

    /// <summary>Sends a signal.</summary>
    /// <returns>Whether the process is there and may be signalled.</returns>
    public static bool Send(int signal, int processId) => SendSignal(processId, signal) == 0;

    /// <summary>Gives a file to a group.</summary>
    /// <returns>Why it cannot be, or null.</returns>
    public static string? ChangeGroup(string path, uint group) => ChangeOwner(path, Unchanged, group) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
