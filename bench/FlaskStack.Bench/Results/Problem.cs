namespace FlaskStack.Bench.Results;

/// <summary>Why a figure is not to be compared.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Competitor">The competitor's key.</param>
/// <param name="Case">The load.</param>
/// <param name="Text">What went wrong.</param>
internal sealed record Problem(int Round, string Competitor, string Case, string Text);
