using System.Text.Json.Serialization;

namespace FlaskStack.Bench.Results;

/// <summary>Everything a run of the bench found.</summary>
internal sealed record BenchResults(
    MachineFacts Machine,
    string Settings,
    string Tuning,
    IReadOnlyList<CompetitorName> Competitors,
    IReadOnlyList<Sample> Samples,
    IReadOnlyList<Problem> Problems,
    IReadOnlyList<Reference> References)
{
    /// <summary>
    /// Rounds that are left out, because the machine changed within them. When it did in every one, all are shown, and the drift
    /// forbids to compare them.
    /// </summary>
    [JsonIgnore]
    public IReadOnlySet<int> DisturbedRounds { get; } = References.All(DriftRule.IsDisturbed)
        ? new HashSet<int>()
        : References.Where(DriftRule.IsDisturbed).Select(reference => reference.Round).ToHashSet();

    /// <summary>How much the machine changed over the rounds that count.</summary>
    [JsonIgnore]
    public double Drift => DriftRule.Drift(References.Where(reference => !DisturbedRounds.Contains(reference.Round)));

    /// <summary>How many rounds count.</summary>
    [JsonIgnore]
    public int Rounds => References.Count(reference => !DisturbedRounds.Contains(reference.Round));

    /// <summary>The figures of the rounds that count.</summary>
    public Spread? Find(string competitor, Metric metric, string @case) => Spread.Of([.. Values(competitor, metric, @case).Values]);

    /// <summary>The cases a metric was measured in, in the order of the run.</summary>
    public IReadOnlyList<string> Cases(Metric metric) =>
        [.. Samples.Where(sample => sample.Metric == metric.Key).Select(sample => sample.Case).Distinct()];

    /// <summary>How many times as much the first has of a metric as the second, round by round.</summary>
    public Ratio Compare(string first, string second, Metric metric, string @case)
    {
        var problem = Problems.FirstOrDefault(problem =>
            !DisturbedRounds.Contains(problem.Round) && problem.Case == @case && (problem.Competitor == first || problem.Competitor == second));
        if (problem is not null)
        {
            return new(null, $"{problem.Competitor} had errors");
        }

        if (Drift > DriftRule.Allowed)
        {
            return new(null, $"the machine drifted by {Drift:P0}");
        }

        var values = Values(second, metric, @case);
        var ratios = Values(first, metric, @case)
            .Where(pair => values.TryGetValue(pair.Key, out var value) && value > 0 && double.IsFinite(value) && double.IsFinite(pair.Value))
            .Select(pair => pair.Value / values[pair.Key])
            .ToList();
        return new(Spread.Of(ratios), ratios.Count == 0 ? "not measured" : null);
    }

    private Dictionary<int, double> Values(string competitor, Metric metric, string @case) =>
        Samples.Where(sample => sample.Competitor == competitor && sample.Metric == metric.Key && sample.Case == @case && !DisturbedRounds.Contains(sample.Round))
            .ToDictionary(sample => sample.Round, sample => sample.Value);
}
