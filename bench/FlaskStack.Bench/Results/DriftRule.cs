namespace FlaskStack.Bench.Results;

/// <summary>
/// Figures of different rounds are compared only when the machine was the same: when nginx by itself was as fast, within
/// 30 %, before and after each round that counts. A round in which it was not is left out, and another is run instead.
/// </summary>
internal static class DriftRule
{
    /// <summary>How much faster the fastest reading may be than the slowest.</summary>
    public const double Allowed = 0.30;

    /// <summary>Whether the machine changed within a round.</summary>
    public static bool IsDisturbed(Reference reference) => Drift([reference.Before, reference.After]) > Allowed;

    /// <summary>The share by which the fastest reading exceeds the slowest.</summary>
    public static double Drift(IReadOnlyCollection<double> readings) => readings.Count == 0 ? 0 : (readings.Max() / readings.Min()) - 1;

    /// <summary>The drift over the rounds that count.</summary>
    public static double Drift(IEnumerable<Reference> references) =>
        Drift([.. references.SelectMany(reference => new[] { reference.Before, reference.After })]);
}
