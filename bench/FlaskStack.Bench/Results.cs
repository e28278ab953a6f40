using System.Text.Json;

namespace FlaskStack.Bench;

internal readonly record struct Estimate(double Median, double Low, double High, int Count)
{
    private const int FewestValues = 3;
    private const double WidestHalf = 0.10;
    private const int Resamples = 2000;
    private const int Seed = 20_26;
    public bool IsSettled => Count >= FewestValues && High - Low <= 2 * WidestHalf * Median;

    /// <summary>The percentile bootstrap of the median, always with the same random numbers.</summary>
    public static Estimate? Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        var sorted = values.Order().ToArray();
        if (!double.IsFinite(sorted[^1]))
        {
            return new(MedianOf(sorted), sorted[0], sorted[^1], sorted.Length);
        }

        var random = new Random(Seed);
        var sample = new double[sorted.Length];
        var medians = new double[Resamples];
        for (var resample = 0; resample < Resamples; resample++)
        {
            for (var index = 0; index < sample.Length; index++)
            {
                sample[index] = sorted[random.Next(sorted.Length)];
            }

            Array.Sort(sample);
            medians[resample] = MedianOf(sample);
        }

        Array.Sort(medians);
        return new(MedianOf(sorted), medians[(int)(0.025 * Resamples)], medians[(int)(0.975 * Resamples) - 1], sorted.Length);
    }

    private static double MedianOf(double[] sorted)
    {
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

internal static class Metric
{
    public const string Rate = "rate";
    public const string Cpu = "cpu";
    public const string CpuAll = "cpu-all";
    public const string P50 = "p50";
    public const string P99 = "p99";
    public const string Instructions = "instructions";
    public const string Start = "start";
    public const string Idle = "pss-idle";
    public const string Loaded = "pss-loaded";
    public const string Spread = "spread";
    public const string WaitErrors = "wait-errors";
    public const string WaitP99 = "wait-p99";
    public const string WaitMemory = "wait-memory";
    public const string Healthy = "healthy";
    public const string Failed = "failed";

    public static string Format(string metric, double value) => (metric, value) switch
    {
        (Spread, double.PositiveInfinity) => "∞",
        (_, double.PositiveInfinity) => "never",
        (Cpu or CpuAll or P50 or P99, _) => string.Create(CultureInfo.InvariantCulture, $"{value:#,0} µs"),
        (Start or WaitP99, _) => string.Create(CultureInfo.InvariantCulture, $"{value:0.00} s"),
        (Healthy, _) => string.Create(CultureInfo.InvariantCulture, $"{1000 * value:0} ms"),
        (Idle or Loaded, _) => string.Create(CultureInfo.InvariantCulture, $"{value:0} MB"),
        (WaitMemory, _) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} KB"),
        (Spread, _) => string.Create(CultureInfo.InvariantCulture, $"{value:0.00}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:#,0}"),
    };
}

internal sealed record BenchResults(DateOnly Date, string Machine, string Method, SortedDictionary<string, List<double?>> Series)
{
    private const int Decimals = 4;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        // What did not happen in time is infinite.
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public void Add(string metric, string load, string competitor, int round, double? value)
    {
        if (value is { } number)
        {
            var values = Values(metric, load, competitor);
            values = [.. values, .. Enumerable.Repeat<double?>(null, Math.Max(0, round + 1 - values.Count))];
            values[round] = Math.Round(number, Decimals);
            Series[Key(metric, load, competitor)] = values;
        }
    }

    public bool Has(string metric, string load, string competitor) => Series.ContainsKey(Key(metric, load, competitor));

    public Estimate? Value(string metric, string load, string competitor) =>
        Estimate.Of([.. Values(metric, load, competitor).OfType<double>()]);

    /// <summary>One competitor as a multiple of another: the ratios of the rounds in which both were measured.</summary>
    public Estimate? Ratio(string metric, string load, string competitor, string other) => Estimate.Of(
    [
        .. Values(metric, load, competitor).Zip(Values(metric, load, other), static (value, reference) => value / reference)
            .OfType<double>()
            .Where(double.IsFinite),
    ]);

    public void Write(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        // A line for each series.
        File.WriteAllText(file, JsonSerializer.Serialize(this, Options).Replace(",\"", ",\n\"", StringComparison.Ordinal) + "\n");
    }

    public static BenchResults Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<BenchResults>(File.ReadAllText(file), Options) is { Series: not null } results
                ? results
                : throw new JsonException("it has no series");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BenchException($"--report needs the results.json of a run, but {file} cannot be read: {exception.Message}");
        }
    }

    private List<double?> Values(string metric, string load, string competitor) =>
        Series.GetValueOrDefault(Key(metric, load, competitor)) ?? [];

    private static string Key(string metric, string load, string competitor) => $"{metric} {load} {competitor}";
}
