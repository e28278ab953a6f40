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
    /// <summary>From how many rounds on anything is compared: what happens beside a single one can be anything.</summary>
    public const int FewestRounds = 3;

    /// <summary>The rounds that count: those in which the machine was equally fast.</summary>
    [JsonIgnore]
    public IReadOnlySet<int> Rounds { get; } = DriftRule.Comparable(References);

    /// <summary>How much the speed of the machine varied over all rounds.</summary>
    [JsonIgnore]
    public double Drift => DriftRule.Drift(References);

    /// <summary>Why nothing is compared; null when there is no reason.</summary>
    [JsonIgnore]
    public string? Refusal =>
        Rounds.Count >= FewestRounds ? null
        : References.Count >= FewestRounds ? "the machine drifted"
        : "too few rounds";

    /// <summary>Whether a round is shown. When none counts, all are, and nothing is compared.</summary>
    public bool IsShown(int round) => Rounds.Count == 0 || Rounds.Contains(round);

    /// <summary>The figures of the rounds that count.</summary>
    public Spread? Find(string competitor, Metric metric, string @case) => Spread.Of([.. Values(competitor, metric, @case).Values]);

    /// <summary>The cases a metric was measured in, in the order of the run.</summary>
    public IReadOnlyList<string> Cases(Metric metric) =>
        [.. Samples.Where(sample => sample.Metric == metric.Key).Select(sample => sample.Case).Distinct()];

    /// <summary>How many times as much the first has of a metric as the second, round by round.</summary>
    public Ratio Compare(string first, string second, Metric metric, string @case)
    {
        var problem = Problems.FirstOrDefault(problem =>
            IsShown(problem.Round) && (problem.Concerns(first, @case) || problem.Concerns(second, @case)));
        if (problem is not null)
        {
            return new(null, $"{problem.Competitor} had errors");
        }

        if (Refusal is not null)
        {
            return new(null, Refusal);
        }

        var values = Values(second, metric, @case);
        var ratios = Values(first, metric, @case)
            .Where(pair => values.TryGetValue(pair.Key, out var value)
                && value > 0
                && double.IsFinite(value)
                && double.IsFinite(pair.Value))
            .Select(pair => pair.Value / values[pair.Key])
            .ToList();
        return new(Spread.Of(ratios), ratios.Count == 0 ? "not measured" : null);
    }

    private Dictionary<int, double> Values(string competitor, Metric metric, string @case) =>
        Samples.Where(sample => sample.Competitor == competitor
                && sample.Metric == metric.Key
                && sample.Case == @case
                && IsShown(sample.Round))
            .ToDictionary(sample => sample.Round, sample => sample.Value);
}
