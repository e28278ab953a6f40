using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Gunicorn.Processes;

/// <summary>A process and when it started.</summary>
internal sealed record WorkerProcess(int Id, DateTime StartedAt);

/// <summary>Finds the processes of an application in <c>/proc</c>.</summary>
[SupportedOSPlatform("linux")]
internal static class ProcessList
{
    /// <summary>The running children of a process, by their ids.</summary>
    public static IReadOnlyList<WorkerProcess> ChildrenOf(int parent) =>
        [.. ProcessIds.All().Where(id => ParentOf(id) == parent).Order().Select(Describe).OfType<WorkerProcess>()];

    /// <summary>The running processes whose environment has a text.</summary>
    public static IReadOnlyList<int> With(string mark) =>
        [.. ProcessIds.All().Where(id => ProcessEnvironment.Has(id, mark) == true && ParentOf(id) is not null)];

    /// <summary>Whether a process runs and has a text in its environment: its id may belong to another one by now.</summary>
    /// <remarks>One whose environment cannot be read, because this process has too many open files, is taken to have it.</remarks>
    public static bool Has(int process, string mark) =>
        Native.Send(0, process) && ProcessEnvironment.Has(process, mark) != false && !IsOver(process);

    /// <summary>The parent of a process, or null for one that has ended.</summary>
    private static int? ParentOf(int process) => TryReadState(process) is { State: not ("Z" or "X"), Parent: var parent } ? parent : null;

    private static bool IsOver(int process) => TryReadState(process) is { State: "Z" or "X" };

    private static (string State, int Parent)? TryReadState(int process)
    {
        // The command before the state may itself hold spaces and brackets.
        var line = TryRead($"/proc/{process}/stat") is { } content ? Encoding.ASCII.GetString(content) : string.Empty;
        return line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var state, var parent, ..]
            ? (state, int.Parse(parent, CultureInfo.InvariantCulture))
            : null;
    }

    private static WorkerProcess? Describe(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return new(id, process.StartTime.ToUniversalTime());
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // It ended between two calls.
            return null;
        }
    }

    private static byte[]? TryRead(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to another user.
            return null;
        }
    }
}
