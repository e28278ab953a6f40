namespace FlaskStack.Bench.Results;

/// <summary>A comparison, or why there is none.</summary>
/// <param name="Times">The first by the second, median and spread of the rounds; null when it is refused.</param>
/// <param name="Refusal">Why it is refused.</param>
internal sealed record Ratio(Spread? Times, string? Refusal)
{
    private const double Many = 10;

    /// <inheritdoc/>
    public override string ToString() =>
        Times is null ? $"— ({Refusal})" : $"{Number(Times.Median)} × ({Number(Times.Least)}–{Number(Times.Most)})";

    private static string Number(double value) => value.ToString(value >= Many ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
