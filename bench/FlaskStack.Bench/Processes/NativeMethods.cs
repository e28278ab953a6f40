using System.Runtime.InteropServices;

namespace FlaskStack.Bench.Processes;

/// <summary>The calls of Linux that .NET has no method for.</summary>
internal static partial class NativeMethods
{
    private const int ChildSubreaper = 36;
    private const int ClockTicks = 2;

    /// <summary>SIGHUP.</summary>
    public const int HangUp = 1;

    /// <summary>SIGKILL.</summary>
    public const int KillSignal = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>Makes this process the parent of every orphan below it, so that none is lost from sight.</summary>
    public static void AdoptOrphans()
    {
        if (ProcessControl(ChildSubreaper, 1, 0, 0, 0) != 0)
        {
            throw new BenchException("Linux does not let this process adopt orphans (prctl PR_SET_CHILD_SUBREAPER).");
        }
    }

    /// <summary>In how many parts the kernel counts a second of processor time.</summary>
    public static long TicksPerSecond() => SystemConfiguration(ClockTicks);

    /// <summary>Sends a signal; a process that is gone is none to complain about.</summary>
    public static void Signal(int processId, int signal) => _ = SendSignal(processId, signal);

    /// <summary>Waits for the end of a child that was adopted.</summary>
    public static void Reap(int processId) => _ = WaitForChild(processId, out _, 0);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial nint SystemConfiguration(int name);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitForChild(int processId, out int status, int options);
}
