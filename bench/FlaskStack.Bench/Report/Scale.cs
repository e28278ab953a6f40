namespace FlaskStack.Bench.Report;

/// <summary>Turns figures into lengths.</summary>
/// <param name="Least">The least figure above zero.</param>
/// <param name="Most">The most.</param>
/// <param name="Room">The length of the most.</param>
/// <param name="IsLogarithmic">Whether ten times as much is so much longer, instead of ten times as long.</param>
internal sealed record Scale(double Least, double Most, double Room, bool IsLogarithmic)
{
    private const double Half = 0.5;
    private const double Overhang = 1.05;

    /// <summary>Picks the scale for figures.</summary>
    /// <param name="values">The figures; zero and what never happened are left out of account.</param>
    /// <param name="room">How long the longest may be.</param>
    /// <param name="wideRange">From how many times between the least and the most it is logarithmic.</param>
    public static Scale For(IEnumerable<double> values, double room, double wideRange)
    {
        var finite = values.Where(value => double.IsFinite(value) && value > 0).DefaultIfEmpty(1).ToList();
        return new(finite.Min(), finite.Max(), room, finite.Max() / finite.Min() >= wideRange);
    }

    /// <summary>How long a figure is, from 0 to a little more than the room.</summary>
    public double Length(double value)
    {
        var share = value <= 0 ? 0
            : !double.IsFinite(value) ? 1
            : IsLogarithmic ? Math.Log(value / (Least * Half)) / Math.Log(Most / (Least * Half))
            : value / Most;
        return Math.Clamp(share, 0, Overhang) * Room;
    }
}
