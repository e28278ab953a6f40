using Aspire.Hosting.Nginx.Telemetry.AccessLog;

namespace Aspire.Hosting.Nginx.Telemetry.Metrics;

/// <summary>Counts and times every request, by method, status, route and member. A request that is like an earlier one costs no allocation.</summary>
internal sealed class RequestMetrics
{
    /// <summary>Clients choose neither routes nor members, and few of the other values: beyond this something is wrong, and all else is counted as one.</summary>
    private const int MostSeries = 2_000;
    private const int MostRoutes = 100;
    private const int MostMembers = 200;

    private readonly Lock _lock = new();
    private readonly NameTable _routes = new(MostRoutes);
    private readonly NameTable _members = new(MostMembers);
    private readonly Dictionary<SeriesKey, DurationHistogram> _requests = [];
    private readonly Dictionary<int, DurationHistogram> _attempts = [];

    /// <summary>Takes in a request.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="weight">How many requests it stands for.</param>
    public void Count(in AccessLogEntry entry, int weight)
    {
        var member = NameTable.None;
        lock (_lock)
        {
            var members = entry[AccessLogField.Member];
            var durations = entry[AccessLogField.MemberDuration];
            while (!members.IsEmpty)
            {
                member = _members.NumberOf(AccessLogText.TakeFirst(ref members));
                if (AccessLogText.Milliseconds(AccessLogText.TakeFirst(ref durations)) is { } duration)
                {
                    SeriesOf(_attempts, member).Add(duration, weight);
                }
            }

            var key = new SeriesKey(
                HttpMethods.NumberOf(entry[AccessLogField.Method]),
                AccessLogText.Number(entry[AccessLogField.Status]),
                _routes.NumberOf(entry[AccessLogField.Route]),
                member);
            var isNewBeyond = _requests.Count >= MostSeries && !_requests.ContainsKey(key);
            SeriesOf(_requests, isNewBeyond ? SeriesKey.Overflow : key).Add(AccessLogText.Milliseconds(entry[AccessLogField.Duration]) ?? 0, weight);
        }
    }

    /// <summary>Reads all series while nothing is counted.</summary>
    /// <param name="onRequests">Is given each series of requests: method, status, route, address of the member that answered.</param>
    /// <param name="onAttempts">Is given each series of attempts: address of the member.</param>
    public void Read(Action<SeriesName, DurationHistogram> onRequests, Action<string, DurationHistogram> onAttempts)
    {
        lock (_lock)
        {
            foreach (var (key, histogram) in _requests)
            {
                onRequests(new(HttpMethods.NameOf(key.Method), key.Status, _routes.TextOf(key.Route), _members.TextOf(key.Member)), histogram);
            }

            foreach (var (member, histogram) in _attempts)
            {
                onAttempts(_members.TextOf(member), histogram);
            }
        }
    }

    private static DurationHistogram SeriesOf<TKey>(Dictionary<TKey, DurationHistogram> series, TKey key)
        where TKey : notnull
    {
        if (!series.TryGetValue(key, out var histogram))
        {
            series[key] = histogram = new();
        }

        return histogram;
    }

    private readonly record struct SeriesKey(int Method, int Status, int Route, int Member)
    {
        public static readonly SeriesKey Overflow = new(int.MaxValue, 0, NameTable.None, NameTable.None);
    }
}

/// <summary>What the requests of one series have in common.</summary>
/// <param name="Method">The method, or <c>_OTHER</c>.</param>
/// <param name="Status">The status code; 0 where too many series are counted as one.</param>
/// <param name="Route">The route, or empty.</param>
/// <param name="Member">The address of the member that was asked last, or empty.</param>
internal readonly record struct SeriesName(string Method, int Status, string Route, string Member);

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
