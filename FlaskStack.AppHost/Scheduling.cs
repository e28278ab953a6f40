using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FlaskStack.AppHost;

/// <summary>
/// How Linux shares the processors among the AppHost and all that it starts, which inherits it. A proxy and several replicas on few
/// processors wake each other with every request; as batch work (<c>SCHED_BATCH</c>) none interrupts another, and a sixth more requests are
/// served.
/// </summary>
internal static partial class Scheduling
{
    private const int Batch = 3;

    /// <summary>Makes this process batch work. A process that only hosts the AppHost, such as that of tests, stays as it is.</summary>
    /// <exception cref="DistributedApplicationException">Linux refuses it.</exception>
    public static void UseBatch()
    {
        if (OperatingSystem.IsLinux() && Assembly.GetEntryAssembly() == typeof(Scheduling).Assembly)
        {
            UseBatchOnLinux();
        }
    }

    [SupportedOSPlatform("linux")]
    private static void UseBatchOnLinux()
    {
        // A policy is a thread's own; what is started inherits that of the thread that starts it.
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            var id = int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);
            var priority = 0;
            if (SetScheduler(id, Batch, ref priority) != 0 && Directory.Exists(thread))
            {
                var reason = new Win32Exception(Marshal.GetLastPInvokeError()).Message;
                throw new DistributedApplicationException(
                    $"AppHost:SchedulingPolicy is 'batch', which Linux refuses here ({reason}). Set it to 'other'.");
            }
        }
    }

    /// <param name="thread">The thread.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="priority"><c>struct sched_param</c>, which holds but the priority.</param>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int thread, int policy, ref int priority);
}
