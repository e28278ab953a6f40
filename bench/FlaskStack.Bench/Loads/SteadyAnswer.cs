namespace FlaskStack.Bench.Loads;

/// <summary>What became of one request.</summary>
/// <param name="Begin">When it was begun.</param>
/// <param name="End">When the answer was there, or the request failed.</param>
/// <param name="IsRight">Whether the answer was right.</param>
/// <param name="Process">The process that answered, when it told.</param>
internal sealed record SteadyAnswer(TimeSpan Begin, TimeSpan End, bool IsRight, int? Process)
{
    /// <summary>The longest time without a right answer.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="from">When it counts from.</param>
    /// <param name="to">Until when it counts.</param>
    public static TimeSpan LongestSilence(IEnumerable<SteadyAnswer> answers, TimeSpan from, TimeSpan to)
    {
        var moments = answers.Where(answer => answer.IsRight && answer.End > from && answer.End < to)
            .Select(answer => answer.End)
            .Append(to)
            .Order();
        var longest = TimeSpan.Zero;
        var last = from;
        foreach (var moment in moments)
        {
            longest = moment - last > longest ? moment - last : longest;
            last = moment;
        }

        return longest;
    }
}
