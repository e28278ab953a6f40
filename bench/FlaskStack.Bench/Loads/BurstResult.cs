using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Loads;

/// <summary>What became of many requests at once.</summary>
/// <param name="Completed">Right answers.</param>
/// <param name="Errors">All others.</param>
/// <param name="P99">99 of 100 right answers took no longer; zero when there is none.</param>
/// <param name="Duration">From the first connection to the last answer.</param>
internal sealed record BurstResult(int Completed, int Errors, TimeSpan P99, TimeSpan Duration)
{
    private const double Share = 0.99;

    /// <summary>Adds answers up; null stands for an error.</summary>
    public static BurstResult Of(IReadOnlyCollection<TimeSpan?> answers, TimeSpan duration)
    {
        var right = answers.OfType<TimeSpan>().Select(time => time.TotalMilliseconds).ToList();
        var p99 = right.Count == 0 ? 0 : Statistics.Percentile(right, Share);
        return new(right.Count, answers.Count - right.Count, TimeSpan.FromMilliseconds(p99), duration);
    }
}
