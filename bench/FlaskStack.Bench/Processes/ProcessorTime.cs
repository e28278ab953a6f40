namespace FlaskStack.Bench.Processes;

/// <summary>Processor time that a stack has used so far.</summary>
/// <param name="Serving">Of the proxy and the workers, in microseconds.</param>
/// <param name="Whole">Of all its processes, in microseconds.</param>
internal sealed record ProcessorTime(double Serving, double Whole)
{
    private const double Microseconds = 1e6;

    /// <summary>Reads it now. Meant for two readings between which no process ends.</summary>
    /// <param name="servingPrograms">The names of those that answer requests.</param>
    public static ProcessorTime Read(IReadOnlySet<string> servingPrograms)
    {
        var rows = ProcessTree.Read();
        var unit = Microseconds / NativeMethods.TicksPerSecond();
        return new(
            rows.Where(row => servingPrograms.Contains(row.Program)).Sum(row => row.Ticks) * unit,
            rows.Sum(row => row.Ticks) * unit);
    }
}
