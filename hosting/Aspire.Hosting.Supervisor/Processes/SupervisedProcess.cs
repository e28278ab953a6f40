using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>A process that the orchestrator started, told from a later one with the same id by its start.</summary>
internal sealed class SupervisedProcess
{
    private readonly DateTime _startedAt;

    private SupervisedProcess(int id, DateTime startedAt, Task<int?> exit) => (Id, _startedAt, Exit, Mark) = (id, startedAt, exit, Leftovers.MarkOf(id));

    public int Id { get; }

    /// <summary>Completes when it has ended, with its exit code where that can be known.</summary>
    public Task<int?> Exit { get; }

    /// <summary>What it and its children carry, or null.</summary>
    public string? Mark { get; }

    /// <summary>The process that has this id now, or null.</summary>
    public static SupervisedProcess? Find(int id) =>
        Look(id, process => (DateTime?)process.StartTime) is { } startedAt ? new(id, startedAt, ProcessExit.WaitAsync(id)) : null;

    /// <summary>Its processor time, memory and age in one clause, as far as it still runs.</summary>
    public string Describe() => Look(Id, process => string.Create(
        CultureInfo.InvariantCulture,
        $"process {Id}, {process.TotalProcessorTime.TotalSeconds:0.0} s of processor time, {process.WorkingSet64 >> 20} MiB resident, {(DateTime.Now - process.StartTime).TotalSeconds:0} s old"))
        ?? $"process {Id} is gone";

    /// <summary>Sends it a signal.</summary>
    /// <returns>Whether it was there to take it.</returns>
    public bool Signal(int signal) => !OperatingSystem.IsWindows() && IsThere() && NativeMethods.Signal(Id, signal) == 0;

    /// <summary>Ends it by force together with all that it started.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Kill()
    {
        if (!IsThere())
        {
            return false;
        }

        return OperatingSystem.IsLinux() ? KillTree() : Look(Id, process =>
        {
            process.Kill(entireProcessTree: true);
            return true;
        });
    }

    /// <summary>The root first, so that it starts no more.</summary>
    [SupportedOSPlatform("linux")]
    private bool KillTree()
    {
        var tree = ProcessTable.Read().TreeOf(Id);
        foreach (var process in tree)
        {
            _ = NativeMethods.Signal(process, NativeMethods.Kill);
        }

        return tree.Count > 0;
    }

    private bool IsThere() => !Exit.IsCompleted && Look(Id, process => (DateTime?)process.StartTime) == _startedAt;

    private static T? Look<T>(int id, Func<Process, T> look)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return look(process);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended between two calls.
            return default;
        }
    }
}
