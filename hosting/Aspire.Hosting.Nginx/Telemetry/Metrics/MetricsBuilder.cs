using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Aspire.Hosting.Nginx.Telemetry.AccessLog;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Google.Protobuf.Collections;

namespace Aspire.Hosting.Nginx.Telemetry.Metrics;

/// <summary>Turns what was counted into OTLP metrics, named as OpenTelemetry's conventions do where they have a name.</summary>
internal sealed class MetricsBuilder(RequestMetrics requests, Func<string, MemberName?> nameOf, TimeProvider timeProvider)
{
    private const string Requests = "{request}";
    private const string Connections = "{connection}";
    private const string Seconds = "s";

    private readonly ulong _start = UnixTime.Nanoseconds(timeProvider.GetUtcNow());
    private StubStatus? _last;
    private ulong _nginxStart;

    /// <summary>All metrics there are now.</summary>
    /// <param name="status">nginx's connections, or null while it does not tell.</param>
    /// <param name="lost">How many requests the access log lacks.</param>
    public IReadOnlyList<Metric> Build(StubStatus? status, long lost)
    {
        var now = UnixTime.Nanoseconds(timeProvider.GetUtcNow());
        var durations = Histogram("http.server.request.duration", "Duration of HTTP server requests.");
        var attempts = Histogram("nginx.upstream.request.duration", "How long members of upstreams took to answer, for each attempt.");
        var counts = new Dictionary<(string Class, string Member), ulong>();
        requests.Read(
            (series, histogram) =>
            {
                var point = Point(histogram, now);
                AddSeries(point.Attributes, series);
                durations.Histogram.DataPoints.Add(point);
                var group = (ClassOf(series.Status), series.Member);
                counts[group] = counts.GetValueOrDefault(group) + histogram.Count;
            },
            (member, histogram) =>
            {
                var point = Point(histogram, now);
                AddMember(point.Attributes, member);
                attempts.Histogram.DataPoints.Add(point);
            });

        List<Metric> metrics = [durations, attempts, Counts(counts, now), Lost(lost, now)];
        AddConnections(metrics, status, now);
        return metrics;
    }

    private static string ClassOf(int status) => status is >= 100 and < 600 ? $"{status / 100}xx" : "other";

    private static void AddSeries(RepeatedField<KeyValue> attributes, SeriesName series)
    {
        if (series.Status == 0)
        {
            attributes.Add(new KeyValue { Key = "otel.metric.overflow", Value = new() { BoolValue = true } });
            return;
        }

        attributes
            .With("http.request.method", series.Method)
            .With("http.response.status_code", series.Status)
            .With("http.route", series.Route)
            .With("url.scheme", "http")
            .With("error.type", series.Status >= 500 ? $"{series.Status}" : null);
    }

    private Metric Counts(Dictionary<(string Class, string Member), ulong> counts, ulong now)
    {
        var metric = Sum("nginx.requests", Requests, "Requests by the class of their status and by the member that answered.", isMonotonic: true);
        foreach (var ((statusClass, member), count) in counts)
        {
            var point = Point((long)count, _start, now);
            AddMember(point.Attributes.With("http.response.status_class", statusClass), member);
            metric.Sum.DataPoints.Add(point);
        }

        return metric;
    }

    private Metric Lost(long lost, ulong now)
    {
        var metric = Sum("nginx.telemetry.lost", Requests, "Requests that are in no other metric, because the access log came too fast.", isMonotonic: true);
        metric.Sum.DataPoints.Add(Point(lost, _start, now));
        return metric;
    }

    private void AddConnections(List<Metric> metrics, StubStatus? status, ulong now)
    {
        if (status is null)
        {
            return;
        }

        if (_last is null || status.Accepted < _last.Accepted)
        {
            // nginx counts from its own start.
            _nginxStart = now;
        }

        _last = status;
        var connections = Sum("nginx.connections", Connections, "Client connections by what they are doing; active are all of them.", isMonotonic: false);
        foreach (var (state, count) in new[] { ("active", status.Active), ("reading", status.Reading), ("writing", status.Writing), ("waiting", status.Waiting) })
        {
            var point = Point(count, _nginxStart, now);
            point.Attributes.With("nginx.connection.state", state);
            connections.Sum.DataPoints.Add(point);
        }

        metrics.Add(connections);
        metrics.Add(Total("nginx.connections.accepted", Connections, "Connections accepted since nginx started.", status.Accepted, now));
        metrics.Add(Total("nginx.connections.handled", Connections, "Connections handled since nginx started; fewer than accepted where a limit was reached.", status.Handled, now));
        metrics.Add(Total("nginx.requests.received", Requests, "Requests received since nginx started, those for its health and its status too.", status.Requests, now));
    }

    private Metric Total(string name, string unit, string description, long value, ulong now)
    {
        var metric = Sum(name, unit, description, isMonotonic: true);
        metric.Sum.DataPoints.Add(Point(value, _nginxStart, now));
        return metric;
    }

    private void AddMember(RepeatedField<KeyValue> attributes, string address)
    {
        var member = nameOf(address);
        attributes.With("nginx.upstream.name", member?.Upstream).With("nginx.upstream.member", member?.Row ?? address);
    }

    private static Metric Sum(string name, string unit, string description, bool isMonotonic) => new()
    {
        Name = name,
        Unit = unit,
        Description = description,
        Sum = new() { AggregationTemporality = Temporality.Cumulative, IsMonotonic = isMonotonic },
    };

    private static Metric Histogram(string name, string description) => new()
    {
        Name = name,
        Unit = Seconds,
        Description = description,
        Histogram = new() { AggregationTemporality = Temporality.Cumulative },
    };

    private static NumberPoint Point(long value, ulong start, ulong now) => new() { StartTimeUnixNano = start, TimeUnixNano = now, AsInt = value };

    private HistogramPoint Point(DurationHistogram histogram, ulong now) => new()
    {
        StartTimeUnixNano = _start,
        TimeUnixNano = now,
        Count = histogram.Count,
        Sum = histogram.Sum,
        BucketCounts = { histogram.Buckets },
        ExplicitBounds = { DurationHistogram.Bounds },
    };
}

/// <summary>
/// Says within the AppHost how busy the resources behind nginx are: in the meter <c>Aspire.Hosting.Nginx</c>, the counter
/// <c>nginx.upstream.request.time</c> by <c>resource</c>, in seconds. By how much it grows in a second is the number of requests in flight
/// (Little's law).
/// </summary>
internal sealed class UpstreamMeter : IDisposable
{
    private readonly Meter _meter;

    /// <param name="requests">What was counted.</param>
    /// <param name="nameOf">Tells whose address it is.</param>
    /// <param name="scope">The meters of the application, of which a process may run several.</param>
    public UpstreamMeter(RequestMetrics requests, Func<string, MemberName?> nameOf, IMeterFactory scope)
    {
        _meter = new(new MeterOptions("Aspire.Hosting.Nginx") { Scope = scope });
        _meter.CreateObservableCounter(
            "nginx.upstream.request.time",
            () => requests.ReadTimeInUse()
                .GroupBy(member => ResourceOf(nameOf(member.Member)))
                .Where(members => members.Key is not null)
                .Select(members => new Measurement<double>(
                    members.Sum(member => member.Seconds),
                    new KeyValuePair<string, object?>("resource", members.Key))),
            "s",
            "Time that members of upstreams were asked for, all requests together; each up to 10 s, and WebSockets not at all.");
    }

    /// <summary>The upstream of one of a resource's endpoints is named after both, such as <c>api_https</c>.</summary>
    private static string? ResourceOf(MemberName? member) => member?.Upstream.Split('_')[0];

    public void Dispose() => _meter.Dispose();
}

/// <summary>Gives small numbers to the names it meets, without making a string of one it knows. Beyond its room all names are one.</summary>
internal sealed class NameTable(int room)
{
    /// <summary>The number of the empty name.</summary>
    public const int None = 0;

    private readonly List<byte[]> _bytes = [[]];
    private readonly List<string> _texts = [""];

    public int NumberOf(ReadOnlySpan<byte> name)
    {
        for (var number = 0; number < _bytes.Count; number++)
        {
            if (_bytes[number].AsSpan().SequenceEqual(name))
            {
                return number;
            }
        }

        return _bytes.Count > room ? OtherNumber() : Add(name.ToArray(), AccessLogText.Decode(name));
    }

    public string TextOf(int number) => _texts[number];

    private int OtherNumber() => _bytes.Count > room + 1 ? room + 1 : Add([], "_OTHER");

    private int Add(byte[] bytes, string text)
    {
        _bytes.Add(bytes);
        _texts.Add(text);
        return _bytes.Count - 1;
    }
}

/// <summary>Counts and times every request, by method, status, route and member. A request that is like an earlier one costs no allocation.</summary>
internal sealed class RequestMetrics
{
    /// <summary>Clients choose neither routes nor members, and few of the other values: beyond this something is wrong, and all else is counted as one.</summary>
    private const int MostSeries = 2_000;
    private const int MostRoutes = 100;
    private const int MostMembers = 200;

    /// <summary>
    /// What one request adds to the time in use at most: one that ends after an hour must not pass for a crowd that came just now.
    /// </summary>
    private const long LongestInUse = 10_000;

    private readonly Lock _lock = new();
    private readonly NameTable _routes = new(MostRoutes);
    private readonly NameTable _members = new(MostMembers);
    private readonly Dictionary<SeriesKey, DurationHistogram> _requests = [];
    private readonly Dictionary<int, DurationHistogram> _attempts = [];
    private readonly Dictionary<int, long> _inUse = [];

    /// <summary>Takes in a request.</summary>
    /// <param name="entry">The request.</param>
    /// <param name="weight">How many requests it stands for.</param>
    public void Count(in AccessLogEntry entry, int weight)
    {
        var member = NameTable.None;
        lock (_lock)
        {
            var isSession = entry[AccessLogField.Status].SequenceEqual("101"u8);
            var members = entry[AccessLogField.Member];
            var durations = entry[AccessLogField.MemberDuration];
            while (!members.IsEmpty)
            {
                member = _members.NumberOf(AccessLogText.TakeFirst(ref members));
                if (AccessLogText.Milliseconds(AccessLogText.TakeFirst(ref durations)) is { } duration)
                {
                    SeriesOf(_attempts, member).Add(duration, weight);
                    CollectionsMarshal.GetValueRefOrAddDefault(_inUse, member, out _) +=
                        isSession ? 0 : Math.Min(duration, LongestInUse) * weight;
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

    /// <summary>How long members were asked, all requests together: each up to ten seconds, and WebSockets not at all.</summary>
    /// <returns>The addresses of members, each with its time in seconds.</returns>
    public IReadOnlyList<(string Member, double Seconds)> ReadTimeInUse()
    {
        lock (_lock)
        {
            return [.. _inUse.Select(member => (_members.TextOf(member.Key), member.Value / 1000.0))];
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
