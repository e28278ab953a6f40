using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>The calls of the C library that .NET has no API for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class NativeMethods
{
    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>Sends a signal to a process, or, when negative, to a process group.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Signal(int target, int signal);

    /// <summary>The group of a process, or -1.</summary>
    [LibraryImport("libc", EntryPoint = "getpgid", SetLastError = true)]
    public static partial int GroupOf(int processId);
}
