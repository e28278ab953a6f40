namespace FlaskStack.Bench.Processes;

/// <summary>Ends whatever is left below this process.</summary>
internal static class Sweep
{
    /// <summary>Kills until nothing is left.</summary>
    /// <param name="known">Processes that are waited for elsewhere.</param>
    public static void Run(IReadOnlySet<int> known)
    {
        for (var rows = ProcessTree.Read(); rows.Count > 0; rows = ProcessTree.Read())
        {
            foreach (var row in rows)
            {
                NativeMethods.Signal(row.Id, NativeMethods.KillSignal);
            }

            foreach (var child in rows.Where(row => row.Parent == Environment.ProcessId && !known.Contains(row.Id)))
            {
                NativeMethods.Reap(child.Id);
            }
        }

        foreach (var row in ProcessTree.Ended().Where(row => !known.Contains(row.Id)))
        {
            NativeMethods.Reap(row.Id);
        }
    }
}
