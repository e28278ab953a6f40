using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Processes;

namespace FlaskStack.Bench.Measures;

/// <summary>Something that happens to a stack while it serves.</summary>
/// <param name="Title">What the report calls it.</param>
/// <param name="WithAllWorkers">Whether it is over only when no worker from before is left.</param>
/// <param name="InflictAsync">Makes it happen.</param>
internal sealed record Fault(string Title, bool WithAllWorkers, Func<IWholeStack, RunningStack, CancellationToken, Task> InflictAsync)
{
    /// <summary>One worker dies.</summary>
    public static Fault WorkerKilled { get; } = new(
        "kill -9 of a worker",
        false,
        (competitor, _, _) => KillAsync([competitor.Workers().Min()]));

    /// <summary>New code is to be served.</summary>
    public static Fault Reload { get; } = new(
        "reload",
        true,
        (competitor, stack, cancellationToken) => competitor.ReloadAsync(stack, cancellationToken));

    /// <summary>All faults, the hardest last.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        WorkerKilled,
        Reload,
        new("kill -9 of all workers", true, (competitor, _, _) => KillAsync(competitor.Workers())),
        new("kill -9 of workers, master, proxy", true, (competitor, _, _) =>
            KillAsync(ProcessTree.Read().Where(row => competitor.ServingPrograms.Contains(row.Program)).Select(row => row.Id))),
    ];

    private static Task KillAsync(IEnumerable<int> processes)
    {
        foreach (var process in processes)
        {
            NativeMethods.Signal(process, NativeMethods.KillSignal);
        }

        return Task.CompletedTask;
    }
}
