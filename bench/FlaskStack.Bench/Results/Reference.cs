using System.Text.Json.Serialization;

namespace FlaskStack.Bench.Results;

/// <summary>How fast the machine was around a round: requests per second of nginx by itself.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Before">Before it.</param>
/// <param name="After">After it.</param>
internal sealed record Reference(int Round, double Before, double After)
{
    /// <summary>The slower reading.</summary>
    [JsonIgnore]
    public double Least => Math.Min(Before, After);

    /// <summary>The faster reading.</summary>
    [JsonIgnore]
    public double Most => Math.Max(Before, After);
}
