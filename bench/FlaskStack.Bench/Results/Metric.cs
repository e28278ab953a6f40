namespace FlaskStack.Bench.Results;

/// <summary>Something that is measured.</summary>
/// <param name="Key">Its name in the data and for the plot.</param>
/// <param name="Title">Its name in the report.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Digits">Digits behind the point.</param>
internal sealed record Metric(string Key, string Title, string Unit, int Digits)
{
    /// <summary>Requests per second.</summary>
    public static Metric Rate { get; } = new("rate", "Requests per second", "requests/s", 0);

    /// <summary>Half of the answers are faster.</summary>
    public static Metric P50 { get; } = new("p50", "Latency, p50", "ms", 2);

    /// <summary>99 of 100 answers are faster.</summary>
    public static Metric P99 { get; } = new("p99", "Latency, p99", "ms", 2);

    /// <summary>999 of 1,000 answers are faster.</summary>
    public static Metric P999 { get; } = new("p999", "Latency, p99.9", "ms", 2);

    /// <summary>Processor time of proxy and workers for a request.</summary>
    public static Metric Processor { get; } = new("cpu", "CPU time a request, proxy and workers", "µs", 1);

    /// <summary>Processor time of the whole stack for a request.</summary>
    public static Metric WholeProcessor { get; } = new("cpu-whole", "CPU time a request, the whole stack", "µs", 1);

    /// <summary>Memory of the whole stack.</summary>
    public static Metric Memory { get; } = new("memory", "Memory of the whole stack", "MB", 0);

    /// <summary>The same as the kernel shares it out.</summary>
    public static Metric KernelMemory { get; } = new("memory-pss", "Memory of the whole stack, the kernel's PSS", "MB", 0);

    /// <summary>Time until a stack serves.</summary>
    public static Metric Start { get; } = new("start", "From the start command to the first 200", "s", 2);

    /// <summary>Right answers of many requests at once.</summary>
    public static Metric WaitCompleted { get; } = new("wait-completed", "Requests at once that wait one second: right answers", "", 0);

    /// <summary>Failed ones of many requests at once.</summary>
    public static Metric WaitErrors { get; } = new("wait-errors", "Requests at once that wait one second: errors", "", 0);

    /// <summary>Their latency.</summary>
    public static Metric WaitP99 { get; } = new("wait-p99", "Requests at once that wait one second: p99", "s", 2);

    /// <summary>Time until all of them are answered.</summary>
    public static Metric WaitTotal { get; } = new("wait-total", "Requests at once that wait one second: until all are answered", "s", 2);

    /// <summary>Memory of a request that waits.</summary>
    public static Metric WaitMemory { get; } = new("wait-memory", "Memory for each open request, over idle", "KB", 1);

    /// <summary>Requests that a fault costs.</summary>
    public static Metric Failed { get; } = new("failed", "Failed requests, of 200 a second", "", 0);

    /// <summary>The longest time without an answer around a fault.</summary>
    public static Metric Silence { get; } = new("silence", "Longest time without an answer", "s", 2);

    /// <summary>Time until the capacity is back.</summary>
    public static Metric Recovery { get; } = new("recovery", "Until a new process answers", "s", 2);

    /// <summary>All, in the order of the report.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        Rate, P50, P99, P999, Processor, WholeProcessor, Memory, KernelMemory, Start,
        WaitCompleted, WaitErrors, WaitP99, WaitTotal, WaitMemory, Failed, Silence, Recovery,
    ];

    /// <summary>A figure as text, with thousands set apart; what did not happen in time is infinite.</summary>
    public string Format(double value) =>
        double.IsInfinity(value) ? "never" : value.ToString("N" + Digits, CultureInfo.InvariantCulture);
}
