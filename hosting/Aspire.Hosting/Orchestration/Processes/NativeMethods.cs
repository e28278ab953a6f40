using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>The few calls of the C library that .NET has no API for. Linux only.</summary>
[SupportedOSPlatform("linux")]
internal static partial class NativeMethods
{
    /// <summary>EINTR: a signal came while the call waited.</summary>
    public const int Interrupted = 4;

    /// <summary>ESRCH: no such process or group.</summary>
    public const int NoSuchProcess = 3;

    /// <summary>X_OK of access(2).</summary>
    public const int ExecuteAccess = 1;

    /// <summary>RLIMIT_NOFILE of getrlimit(2).</summary>
    public const int OpenFilesResource = 7;

    /// <summary>POLLIN of poll(2): on a process descriptor it says that the process ended.</summary>
    public const short PollReadable = 1;

    private const nint PidfdOpenCall = 434;

    /// <summary>A descriptor that becomes readable when the process ends; negative when the kernel has none to give.</summary>
    public static int OpenProcess(int processId) => (int)SystemCall(PidfdOpenCall, processId, 0);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "getpgid", SetLastError = true)]
    public static partial int GetGroup(int processId);

    [LibraryImport("libc", EntryPoint = "getsid", SetLastError = true)]
    public static partial int GetSession(int processId);

    [LibraryImport("libc", EntryPoint = "getpriority", SetLastError = true)]
    public static partial int GetPriority(int which, int who);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    public static partial int SetPriority(int which, int who, int nice);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    public static partial int SetLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "sched_getscheduler", SetLastError = true)]
    public static partial int GetScheduler(int threadId);

    /// <param name="threadId">0 is the calling thread.</param>
    /// <param name="policy">SCHED_OTHER, SCHED_BATCH.</param>
    /// <param name="priority">struct sched_param, which has this one member; 0 for both.</param>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    public static partial int SetScheduler(int threadId, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollEntry entry, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second);

    /// <summary>struct rlimit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Requested;
        public short Returned;
    }
}
