namespace FlaskStack.Bench.Measures;

/// <summary>How much is measured, and for how long.</summary>
internal sealed record BenchPlan
{
    /// <summary>Rounds that must count. At least 5 for figures to rely on.</summary>
    public required int Rounds { get; init; }

    /// <summary>Rounds that may be run instead of disturbed ones.</summary>
    public required int SpareRounds { get; init; }

    /// <summary>How long each load lasts, in whole seconds.</summary>
    public required TimeSpan Load { get; init; }

    /// <summary>How long a stack is loaded before anything is measured, in whole seconds.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Numbers of connections.</summary>
    public required IReadOnlyList<int> Connections { get; init; }

    /// <summary>Whether requests with a body of 100 KB are sent too.</summary>
    public required bool WithLargeBodies { get; init; }

    /// <summary>How many requests wait at once.</summary>
    public required IReadOnlyList<int> Waiting { get; init; }

    /// <summary>Whether requests at once are measured.</summary>
    public required bool WithWaiting { get; init; }

    /// <summary>What goes wrong.</summary>
    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>Whether the article's stack is tuned by trying; otherwise gunicorn has the workers it recommends.</summary>
    public required bool WithTuning { get; init; }

    /// <summary>Keys of the competitors; empty for all.</summary>
    public required IReadOnlyList<string> Competitors { get; init; }

    /// <summary>What a run is at its best: more than an hour.</summary>
    public static BenchPlan Full { get; } = new()
    {
        Rounds = 5,
        SpareRounds = 3,
        Load = TimeSpan.FromSeconds(5),
        WarmUp = TimeSpan.FromSeconds(8),
        Connections = [1, 64, 512],
        WithLargeBodies = true,
        Waiting = [1_000, 5_000, 10_000],
        WithWaiting = true,
        Faults = Fault.All,
        WithTuning = true,
        Competitors = [],
    };

    /// <summary>Enough to see that everything works.</summary>
    public static BenchPlan Quick { get; } = Full with
    {
        Rounds = 1,
        SpareRounds = 0,
        Load = TimeSpan.FromSeconds(1),
        WarmUp = TimeSpan.FromSeconds(1),
        Connections = [64],
        WithLargeBodies = false,
        Waiting = [1_000],
        Faults = [Fault.WorkerKilled, Fault.Reload],
        WithTuning = false,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Rounds} rounds, loads of {Load.TotalSeconds:0} s after {WarmUp.TotalSeconds:0} s of warm-up";
}
