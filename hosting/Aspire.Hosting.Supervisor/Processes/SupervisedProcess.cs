using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Supervisor.Processes;

/// <summary>A process told from a later one with the same id by its start.</summary>
internal sealed record SupervisedProcess(int Id, DateTime StartedAt)
{
    /// <summary>The process that has this id now, or null.</summary>
    public static SupervisedProcess? Find(int id) => Look(id, process => new SupervisedProcess(id, process.StartTime));

    /// <summary>Its processor time, memory and age in one clause, as far as it still runs.</summary>
    public string Describe() => Look(Id, process => string.Create(
        CultureInfo.InvariantCulture,
        $"process {Id}, {process.TotalProcessorTime.TotalSeconds:0.0} s of processor time, {process.WorkingSet64 >> 20} MiB resident, {(DateTime.Now - process.StartTime).TotalSeconds:0} s old"))
        ?? $"process {Id} is gone";

    /// <summary>Ends it by force together with its group, where it leads one.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Kill()
    {
        if (Find(Id) != this)
        {
            return false;
        }

        if (OperatingSystem.IsWindows())
        {
            return Look(Id, process =>
            {
                process.Kill(entireProcessTree: true);
                return this;
            }) is not null;
        }

        var target = NativeMethods.GroupOf(Id) == Id ? -Id : Id;
        return NativeMethods.Signal(target, NativeMethods.Kill) == 0;
    }

    private static T? Look<T>(int id, Func<Process, T> look)
        where T : class
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return look(process);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended between two calls.
            return null;
        }
    }
}
