namespace FlaskStack.Bench.Report;

/// <summary>Bars of one case.</summary>
/// <param name="Title">The case.</param>
/// <param name="Bars">One for each competitor that was measured.</param>
internal sealed record BarGroup(string Title, IReadOnlyList<Bar> Bars);
