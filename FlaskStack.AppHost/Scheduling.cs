using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FlaskStack.AppHost;

/// <summary>
/// Sets the scheduling policy of the AppHost, which all processes it starts inherit. On few cores a proxy and its replicas wake each other
/// with every request; under <c>SCHED_BATCH</c> a process that wakes does not interrupt the one that runs, and a sixth more requests are
/// served.
/// </summary>
internal static partial class Scheduling
{
    private const int Batch = 3;

    /// <summary>Sets <c>SCHED_BATCH</c> for this process, unless it only hosts the AppHost, as a test runner does.</summary>
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
        // Each thread has its own policy, and a new process inherits that of the thread that starts it.
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

    /// <param name="thread">The id of the thread.</param>
    /// <param name="policy">The policy, such as <see cref="Batch"/>.</param>
    /// <param name="priority"><c>struct sched_param</c>, which has only this field.</param>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int thread, int policy, ref int priority);
}
