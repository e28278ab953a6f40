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
