namespace FlaskStack.Bench.Competitors;

/// <summary>What the tuned article's stack is found to serve most with on this machine.</summary>
/// <param name="Workers">gunicorn's workers.</param>
/// <param name="AsBatch">Whether all of it runs as batch work, as our stack does.</param>
internal sealed record ArticleTuning(int Workers, bool AsBatch)
{
    /// <summary>What is tried.</summary>
    public static IReadOnlyList<ArticleTuning> Candidates(int processors) =>
    [
        .. new[] { processors, 2 * processors, (2 * processors) + 1 }
            .SelectMany(workers => new[] { new ArticleTuning(workers, false), new ArticleTuning(workers, true) }),
    ];

    /// <inheritdoc/>
    public override string ToString() => $"{Workers} workers{(AsBatch ? ", as batch work" : "")}";
}
