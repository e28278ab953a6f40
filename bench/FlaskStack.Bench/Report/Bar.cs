using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Report;

/// <summary>A bar of a plot.</summary>
/// <param name="Title">What it stands for.</param>
/// <param name="Color">Its colour, as SVG writes it.</param>
/// <param name="Spread">Its length, and the whisker on it.</param>
internal sealed record Bar(string Title, string Color, Spread Spread);
