namespace Aspire.Hosting.Nginx.Telemetry.Metrics;

/// <summary>Durations, counted in the buckets OpenTelemetry recommends for HTTP.</summary>
internal sealed class DurationHistogram
{
    private static readonly long[] BoundsInMilliseconds = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

    private readonly ulong[] _buckets = new ulong[BoundsInMilliseconds.Length + 1];
    private long _milliseconds;

    /// <summary>The upper bounds of all buckets but the last, in seconds.</summary>
    public static IReadOnlyList<double> Bounds { get; } = [.. BoundsInMilliseconds.Select(bound => bound / 1000.0)];

    public ulong Count { get; private set; }

    /// <summary>The sum, in seconds.</summary>
    public double Sum => _milliseconds / 1000.0;

    public IReadOnlyList<ulong> Buckets => _buckets;

    /// <summary>Adds as many requests that took as long.</summary>
    public void Add(long milliseconds, int count)
    {
        var bucket = 0;
        while (bucket < BoundsInMilliseconds.Length && milliseconds > BoundsInMilliseconds[bucket])
        {
            bucket++;
        }

        _buckets[bucket] += (ulong)count;
        _milliseconds += milliseconds * count;
        Count += (ulong)count;
    }
}
