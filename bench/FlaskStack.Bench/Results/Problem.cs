namespace FlaskStack.Bench.Results;

/// <summary>Why a figure is not to be compared.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Competitor">The competitor's key.</param>
/// <param name="Case">The load, or <see cref="Everything"/>.</param>
/// <param name="Text">What went wrong.</param>
internal sealed record Problem(int Round, string Competitor, string Case, string Text)
{
    /// <summary>Stands for all loads of the competitor.</summary>
    public const string Everything = "everything";

    /// <summary>Whether it is about a load.</summary>
    public bool Concerns(string competitor, string @case) => Competitor == competitor && (Case == @case || Case == Everything);
}
