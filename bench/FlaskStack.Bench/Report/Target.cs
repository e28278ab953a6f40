using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Report;

/// <summary>Something the stack is meant to reach.</summary>
/// <param name="Title">It in words.</param>
/// <param name="Found">What was measured.</param>
/// <param name="IsMet">Whether it is reached; null when that cannot be said.</param>
internal sealed record Target(string Title, string Found, bool? IsMet)
{
    /// <summary>So many times as much as another, at least.</summary>
    public static Target AtLeast(string title, Ratio ratio, double times) =>
        new(title, ratio.ToString(), ratio.Times is null ? null : ratio.Times.Median >= times);

    /// <summary>Less than another.</summary>
    public static Target Less(string title, Ratio ratio) =>
        new(title, ratio.ToString(), ratio.Times is null ? null : ratio.Times.Median < 1);

    /// <summary>A figure that is not exceeded.</summary>
    public static Target AtMost(string title, Metric metric, Spread? spread, double? most) =>
        spread is null || most is null
            ? new(title, "— (not measured)", null)
            : new(
                title,
                $"{metric.Format(spread.Median)} {metric.Unit} against {metric.Format(most.Value)}".Replace(
                    "  ",
                    " ",
                    StringComparison.Ordinal),
                spread.Median <= most);
}
