using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>A process that the orchestrator started, identified by its id and its start time.</summary>
internal sealed class SupervisedProcess
{
    private readonly DateTime _startedAt;

    private SupervisedProcess(int id, DateTime startedAt, Task<int?> exit) =>
        (Id, _startedAt, Exit, Mark) = (id, startedAt, exit, Leftovers.MarkOf(id));

    public int Id { get; }

    /// <summary>Completes when it has ended, with its exit code, or null where the system does not report it.</summary>
    public Task<int?> Exit { get; }

    /// <summary>The mark of <see cref="Leftovers"/> that it and its children carry, or null.</summary>
    public string? Mark { get; }

    /// <summary>The process that has this id now, or null.</summary>
    public static SupervisedProcess? Find(int id) =>
        Query(id, process => (DateTime?)process.StartTime) is { } startedAt ? new(id, startedAt, ProcessExit.WaitAsync(id)) : null;

    /// <summary>Its processor time, memory and age in one clause.</summary>
    public string Describe() => Query(Id, Describe) ?? $"process {Id} is gone";

    /// <summary>Its processor time, or null when it has ended.</summary>
    public TimeSpan? ProcessorTime => Query(Id, process => (TimeSpan?)process.TotalProcessorTime);

    /// <summary>Whether a debugger is attached to it or to a descendant; always false outside Linux.</summary>
    public bool IsDebugged => OperatingSystem.IsLinux() && ProcessTable.Read().TreeOf(Id).Any(AttachedDebugger.Has);

    /// <summary>Sends it a signal.</summary>
    /// <returns>Whether it still ran.</returns>
    public bool Signal(int signal) => !OperatingSystem.IsWindows() && IsThere() && NativeMethods.Signal(Id, signal) == 0;

    /// <summary>Kills it and its descendants.</summary>
    /// <returns>Whether it still ran.</returns>
    public bool Kill()
    {
        if (!IsThere())
        {
            return false;
        }

        return OperatingSystem.IsLinux() ? KillTree() : Query(Id, process =>
        {
            process.Kill(entireProcessTree: true);
            return true;
        });
    }

    /// <summary>Kills the root first, so that it cannot start more.</summary>
    [SupportedOSPlatform("linux")]
    private bool KillTree()
    {
        var tree = ProcessTable.Read().TreeOf(Id);
        foreach (var process in tree)
        {
            _ = NativeMethods.Signal(process, Signals.Kill);
        }

        return tree.Count > 0;
    }

    private bool IsThere() => !Exit.IsCompleted && Query(Id, process => (DateTime?)process.StartTime) == _startedAt;

    private static string Describe(Process process)
    {
        var age = DateTime.Now - process.StartTime;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"process {process.Id}, {process.TotalProcessorTime.TotalSeconds:0.0} s of processor time, "
            + $"{process.WorkingSet64 >> 20} MiB resident, {age.TotalSeconds:0} s old");
    }

    private static T? Query<T>(int id, Func<Process, T> read)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return read(process);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended between two calls.
            return default;
        }
    }
}

/// <summary>Finds out whether a debugger is attached to a process.</summary>
[SupportedOSPlatform("linux")]
internal static class AttachedDebugger
{
    /// <summary>The name of the pipes that a .NET process holds open while a debugger is attached.</summary>
    private const string Pipe = "clr-debug-pipe-";

    private const string Deleted = " (deleted)";

    /// <summary>The id of a native debugger that traces the process; 0 for none.</summary>
    private const string Tracer = "TracerPid:";

    public static bool Has(int process)
    {
        try
        {
            return IsTraced(process) || HasPipe(process);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to another user.
            return false;
        }
    }

    private static bool IsTraced(int process) => File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))
        .Any(line => line.StartsWith(Tracer, StringComparison.Ordinal) && !line.AsSpan(Tracer.Length).Trim().SequenceEqual("0"));

    private static bool HasPipe(int process) => new DirectoryInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd"))
        .EnumerateFiles()
        .Select(file => file.LinkTarget ?? "")
        .Any(target => target.Contains(Pipe, StringComparison.Ordinal) && !target.EndsWith(Deleted, StringComparison.Ordinal));
}

/// <summary>Waits for the exit of a process that is not a child. The kernel reports it half a second before the orchestrator.</summary>
internal static class ProcessExit
{
    private const int StackBytes = 128 * 1024;
    private const int SignalMask = 0x7F;
    private const int ReapingMilliseconds = 500;

    /// <summary>
    /// Completes when the process has ended, with its exit code (128 + n for a process ended by signal n), or with null where the system
    /// reports it to the parent only (before Linux 6.15).
    /// </summary>
    public static Task<int?> WaitAsync(int processId) =>
        OperatingSystem.IsLinux() ? WaitOnLinuxAsync(processId) : WaitElsewhereAsync(processId);

    [SupportedOSPlatform("linux")]
    private static Task<int?> WaitOnLinuxAsync(int processId)
    {
        var descriptor = NativeMethods.OpenProcess(processId);
        if (descriptor < 0)
        {
            return Task.FromResult<int?>(null);
        }

        // A thread that sleeps in the kernel costs little and wakes within microseconds; there is one for each supervised process.
        var exit = new TaskCompletionSource<int?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = new Thread(
            () =>
            {
                var poll = new NativeMethods.PollDescriptor { Descriptor = descriptor, Events = NativeMethods.Readable };
                while (NativeMethods.Poll(ref poll, 1, Timeout.Infinite) < 0 && Marshal.GetLastPInvokeError() == NativeMethods.Interrupted)
                {
                    // A signal interrupted the wait: wait again.
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

    /// <summary>The exit code, or null where the kernel does not report it.</summary>
    /// <remarks>The kernel reports it once the parent has waited for the process: a moment after its end.</remarks>
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
                return signal == 0 ? (info.Status >> 8) & 0xFF : Signals.FirstExitCode + signal;
            }

            // There is no event for the parent's wait, and this thread has nothing else to do.
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
