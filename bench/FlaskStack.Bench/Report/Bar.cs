using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Report;

/// <summary>A bar of a plot.</summary>
/// <param name="Title">What it stands for.</param>
/// <param name="Color">Its place in the row of colours.</param>
/// <param name="Spread">Its length, and the whisker on it.</param>
internal sealed record Bar(string Title, int Color, Spread Spread);
