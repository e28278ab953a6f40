namespace FlaskStack.Bench.Results;

/// <summary>A median, and how far the rounds were apart.</summary>
internal sealed record Spread(double Median, double Least, double Most)
{
    /// <summary>Of the values of all rounds; null when there are none.</summary>
    public static Spread? Of(IReadOnlyCollection<double> values) =>
        values.Count == 0 ? null : new(Statistics.Median(values), values.Min(), values.Max());
}
