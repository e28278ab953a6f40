namespace FlaskStack.Bench.Results;

/// <summary>One figure.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Competitor">The competitor's key.</param>
/// <param name="Metric">The key of the metric.</param>
/// <param name="Case">The load or fault it was measured with.</param>
/// <param name="Value">The figure, in the metric's unit.</param>
internal sealed record Sample(int Round, string Competitor, string Metric, string Case, double Value);
