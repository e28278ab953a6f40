namespace FlaskStack.Bench.Results;

/// <summary>Medians and percentiles.</summary>
internal static class Statistics
{
    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static double Median(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("There is no median of no values.", nameof(values));
        }

        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 || sorted[middle - 1].Equals(sorted[middle])
            ? sorted[middle]
            : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The value that a share of all does not exceed (nearest rank).</summary>
    /// <param name="values">The values.</param>
    /// <param name="share">Above 0, up to 1.</param>
    public static double Percentile(IReadOnlyCollection<double> values, double share)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count);
        var rank = (int)Math.Ceiling(share * values.Count);
        return values.Order().ElementAt(Math.Max(rank, 1) - 1);
    }
}
