using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>The calls of the C library that .NET has no API for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class NativeMethods
{
    /// <summary><c>POLLIN</c>.</summary>
    public const short Readable = 1;

    /// <summary><c>EINTR</c>.</summary>
    public const int Interrupted = 4;

    /// <summary><c>PIDFD_GET_INFO</c> with the first size of its structure (Linux 6.13).</summary>
    public const nuint GetProcessInfo = 0xC040_FF0B;

    /// <summary><c>SYS_pidfd_open</c>, the same number on every architecture (Linux 5.3).</summary>
    private const nint OpenProcessCall = 434;

    /// <summary>Sends a signal to a process.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Signal(int target, int signal);

    /// <summary>Opens a descriptor that becomes readable when a process ends, or returns -1.</summary>
    public static int OpenProcess(int processId) => (int)SystemCall(OpenProcessCall, processId, 0);

    /// <summary>Waits for descriptors.</summary>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollDescriptor descriptor, nuint count, int milliseconds);

    /// <summary>Reads information about the process of a descriptor.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int descriptor, nuint request, ref ProcessInfo info);

    /// <summary>Closes a descriptor.</summary>
    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>The first version of <c>struct pidfd_info</c>: the requested fields, and the exit status of <c>wait</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct ProcessInfo
    {
        /// <summary><c>PIDFD_INFO_EXIT</c> (Linux 6.15).</summary>
        public const ulong ExitStatus = 1 << 3;

        [FieldOffset(0)]
        public ulong Mask;

        [FieldOffset(60)]
        public int Status;
    }
}

/// <summary>The numbers and names of signals.</summary>
internal static class Signals
{
    /// <summary>The exit code of a process that was ended by signal n is this and n.</summary>
    public const int FirstExitCode = 128;

    /// <summary><c>SIGKILL</c>.</summary>
    public const int Kill = 9;

    /// <summary><c>SIGTERM</c>.</summary>
    public const int Terminate = 15;

    private static readonly Dictionary<string, int> Numbers = new()
    {
        ["SIGTERM"] = Terminate,
        ["SIGINT"] = 2,
        ["SIGQUIT"] = 3,
        ["SIGHUP"] = 1,
        ["SIGUSR1"] = OperatingSystem.IsMacOS() ? 30 : 10,
        ["SIGUSR2"] = OperatingSystem.IsMacOS() ? 31 : 12,
    };

    /// <summary>The signals that a stop can use.</summary>
    public static IReadOnlyCollection<string> Names => Numbers.Keys;

    /// <summary>The number of a signal; <c>SIGTERM</c> for null.</summary>
    public static int NumberOf(string? name) => name is null ? Terminate : Numbers[name];
}
