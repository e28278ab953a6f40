namespace FlaskStack.Bench.Results;

/// <summary>
/// Figures of different rounds are compared only when the machine was the same: when nginx by itself was as fast, within
/// 30 %, before and after each of them. The rounds that count are the most for which that holds.
/// </summary>
internal static class DriftRule
{
    /// <summary>How much faster the fastest reading may be than the slowest.</summary>
    public const double Allowed = 0.30;

    /// <summary>The largest set of rounds with one speed of the machine; of several, that with the fastest.</summary>
    public static IReadOnlySet<int> Comparable(IReadOnlyCollection<Reference> references) =>
        references.Select(slowest => Within(references, slowest.Least))
            .OrderByDescending(rounds => rounds.Count)
            .ThenByDescending(rounds => rounds.Sum(round => round.Least))
            .FirstOrDefault([])
            .Select(round => round.Round)
            .ToHashSet();

    /// <summary>The share by which the fastest reading exceeds the slowest.</summary>
    public static double Drift(IReadOnlyCollection<Reference> references) =>
        references.Count == 0 ? 0 : (references.Max(reference => reference.Most) / references.Min(reference => reference.Least)) - 1;

    private static List<Reference> Within(IEnumerable<Reference> references, double slowest) =>
        [.. references.Where(reference => reference.Least >= slowest && reference.Most <= slowest * (1 + Allowed))];
}
