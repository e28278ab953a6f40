using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>Learns from the kernel when a process ends that another one started. The orchestrator reports it half a second later.</summary>
internal static class ProcessExit
{
    private const int StackBytes = 128 * 1024;
    private const int SignalMask = 0x7F;
    private const int FirstSignalCode = 128;
    private const int ReapingMilliseconds = 500;

    /// <summary>
    /// Completes when the process has ended, with its exit code (128 + n for a process ended by signal n), or with null where the system does
    /// not tell that to others than its parent (before Linux 6.15).
    /// </summary>
    public static Task<int?> WaitAsync(int processId) => OperatingSystem.IsLinux() ? WaitOnLinuxAsync(processId) : WaitElsewhereAsync(processId);

    [SupportedOSPlatform("linux")]
    private static Task<int?> WaitOnLinuxAsync(int processId)
    {
        var descriptor = NativeMethods.OpenProcess(processId);
        if (descriptor < 0)
        {
            return Task.FromResult<int?>(null);
        }

        // A thread that sleeps in the kernel costs next to nothing and wakes within microseconds; there is one for each supervised process.
        var exit = new TaskCompletionSource<int?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = new Thread(
            () =>
            {
                var poll = new NativeMethods.PollDescriptor { Descriptor = descriptor, Events = NativeMethods.Readable };
                while (NativeMethods.Poll(ref poll, 1, Timeout.Infinite) < 0 && Marshal.GetLastPInvokeError() == NativeMethods.Interrupted)
                {
                    // Asked again.
                }

                var code = ExitCode(descriptor);
                _ = NativeMethods.Close(descriptor);
                exit.SetResult(code);
            },
            StackBytes)
        {
            IsBackground = true,
            Name = $"exit of process {processId}",
        };
        waiting.Start();
        return exit.Task;
    }

    /// <summary>The kernel knows the status once the parent has taken it, which is a moment after the end, and longer on a busy machine.</summary>
    [SupportedOSPlatform("linux")]
    private static int? ExitCode(int descriptor)
    {
        for (var attempt = 0; attempt < ReapingMilliseconds; attempt++)
        {
            var info = new NativeMethods.ProcessInfo { Mask = NativeMethods.ProcessInfo.ExitStatus };
            if (NativeMethods.Control(descriptor, NativeMethods.GetProcessInfo, ref info) != 0)
            {
                return null;
            }

            if ((info.Mask & NativeMethods.ProcessInfo.ExitStatus) != 0)
            {
                var signal = info.Status & SignalMask;
                return signal == 0 ? (info.Status >> 8) & 0xFF : FirstSignalCode + signal;
            }

            Thread.Sleep(1);
        }

        return null;
    }

    private static async Task<int?> WaitElsewhereAsync(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            await process.WaitForExitAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }

        return null;
    }
}
