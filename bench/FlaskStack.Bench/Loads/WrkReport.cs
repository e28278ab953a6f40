using System.Text.Json;
using System.Text.Json.Serialization;

namespace FlaskStack.Bench.Loads;

/// <summary>What wrk tells about a run; times in microseconds.</summary>
internal sealed record WrkReport(
    [property: JsonPropertyName("requests")] long Requests,
    [property: JsonPropertyName("bytes")] long Bytes,
    [property: JsonPropertyName("microseconds")] long Microseconds,
    [property: JsonPropertyName("connect")] long ConnectErrors,
    [property: JsonPropertyName("read")] long ReadErrors,
    [property: JsonPropertyName("write")] long WriteErrors,
    [property: JsonPropertyName("status")] long StatusErrors,
    [property: JsonPropertyName("timeout")] long Timeouts,
    [property: JsonPropertyName("p50")] double P50,
    [property: JsonPropertyName("p99")] double P99,
    [property: JsonPropertyName("p999")] double P999)
{
    private const double Rounding = 0.001;

    /// <summary>Requests per second.</summary>
    [JsonIgnore]
    public double Rate => Requests * 1e6 / Microseconds;

    /// <summary>Reads the last line that wrk wrote.</summary>
    /// <exception cref="BenchException">It is not the one of our script.</exception>
    public static WrkReport Parse(string output)
    {
        var line = output.TrimEnd().Split('\n')[^1];
        return line.StartsWith('{') && JsonSerializer.Deserialize<WrkReport>(line) is { } report
            ? report
            : throw new BenchException($"wrk did not tell what it measured. It wrote:\n{output}");
    }

    /// <summary>Why the run counts for nothing; null when it does count.</summary>
    /// <param name="answerLength">Bytes of a right answer on the connection.</param>
    /// <param name="connections">Answers that may be cut off at the end.</param>
    public string? Problem(int answerLength, int connections)
    {
        if (Requests == 0)
        {
            return "No request was answered.";
        }

        if (ConnectErrors + ReadErrors + WriteErrors + StatusErrors + Timeouts > 0)
        {
            return $"{StatusErrors} answers were no 2xx, {ConnectErrors} connects, {ReadErrors} reads and {WriteErrors} writes failed, "
                + $"{Timeouts} answers were too late.";
        }

        var expected = (double)Requests * answerLength;
        var allowed = (expected * Rounding) + ((double)connections * answerLength);
        return Math.Abs(Bytes - expected) <= allowed
            ? null
            : $"{Bytes} bytes were read for {Requests} requests, but right answers are {expected:0}.";
    }
}
