namespace FlaskStack.Bench.Results;

/// <summary>Takes figures as they come and tells them on the console.</summary>
/// <param name="console">Where to.</param>
internal sealed class Recorder(TextWriter console)
{
    private readonly List<Sample> _samples = [];
    private readonly List<Problem> _problems = [];
    private readonly List<Reference> _references = [];

    /// <summary>Keeps a figure.</summary>
    public void Add(int round, string competitor, Metric metric, string @case, double value)
    {
        _samples.Add(new(round, competitor, metric.Key, @case, value));
        console.WriteLine($"  {competitor,-22} {@case,-34} {metric.Key,-15} {metric.Format(value)} {metric.Unit}");
    }

    /// <summary>Keeps a reason not to compare.</summary>
    public void Add(Problem problem)
    {
        _problems.Add(problem);
        console.WriteLine($"  {problem.Competitor,-22} {problem.Case,-34} PROBLEM         {problem.Text}");
    }

    /// <summary>Keeps a reading of the machine.</summary>
    public void Add(Reference reference)
    {
        _references.Add(reference);
        console.WriteLine(
            $"  machine before and after round {reference.Round}: {reference.Before:0} and {reference.After:0} requests/s "
            + "of nginx by itself");
    }

    /// <summary>How many rounds count so far.</summary>
    public int ComparableRounds => DriftRule.Comparable(_references).Count;

    /// <summary>Says what is going on.</summary>
    public void Say(string text) => console.WriteLine(text);

    /// <summary>All that was measured.</summary>
    public BenchResults Results(
        MachineFacts machine, string settings, string tuning, IReadOnlyList<CompetitorName> competitors) =>
        new(machine, settings, tuning, competitors, [.. _samples], [.. _problems], [.. _references]);
}
