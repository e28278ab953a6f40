using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>
/// Counts and times requests, in the meter <c>Aspire.Hosting.Nginx</c>; instruments are named as OpenTelemetry's conventions do where
/// they have a name.
/// </summary>
internal sealed class RequestMetrics : IDisposable
{
    public const string MeterName = "Aspire.Hosting.Nginx";

    /// <summary>
    /// What one request adds to the time in use at most, in milliseconds: one that ends after an hour must not pass for a crowd that came
    /// just now.
    /// </summary>
    private const long LongestInUse = 10_000;

    /// <summary>Those that OpenTelemetry recommends for HTTP, in seconds.</summary>
    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private readonly Func<string, MemberName?> _nameOf;
    private readonly Histogram<double> _requests;
    private readonly Histogram<double> _attempts;
    private readonly Counter<long> _counts;
    private readonly Dictionary<string, double> _timeInUse = [];
    private readonly Lock _lock = new();

    /// <param name="nameOf">Finds the replica that has an address.</param>
    /// <param name="scope">The meters of the application, of which a process may run several.</param>
    public RequestMetrics(Func<string, MemberName?> nameOf, IMeterFactory? scope)
    {
        _nameOf = nameOf;
        Meter = new(new MeterOptions(MeterName) { Scope = scope });
        _requests = Meter.CreateHistogram("http.server.request.duration", "s", "Duration of HTTP server requests.", null, Buckets);
        _attempts = Meter.CreateHistogram(
            "nginx.upstream.request.duration",
            "s",
            "How long members of upstreams took to answer, for each attempt.",
            null,
            Buckets);
        _counts = Meter.CreateCounter<long>(
            "nginx.requests",
            "{request}",
            "Requests by the class of their status and the member that answered.");

        // By how much it grows in a second is the number of requests in flight (Little's law).
        Meter.CreateObservableCounter(
            "nginx.upstream.request.time",
            ReadTimeInUse,
            "s",
            "Time that members of upstreams took, all requests to a resource together; each up to 10 s, and WebSockets not at all.");
    }

    public Meter Meter { get; }

    /// <summary>Counts a request, and those that it stands for.</summary>
    public void Add(in AccessLogEntry entry)
    {
        var weight = entry.Weight;
        var tags = AddAttempts(entry, weight);
        var status = AccessLogText.Number(entry[AccessLogField.Status]);
        Record(_requests, entry.Milliseconds(AccessLogField.RequestTime) ?? 0, RequestTags(entry, status), weight);
        tags.Add("http.response.status_class", ClassOf(status));
        _counts.Add(weight, tags);
    }

    public void Dispose() => Meter.Dispose();

    private static string ClassOf(int status) => (status / 100) switch
    {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    };

    private static void Record(Histogram<double> histogram, long milliseconds, in TagList tags, int times)
    {
        for (var time = 0; time < times; time++)
        {
            histogram.Record(milliseconds / 1000.0, tags);
        }
    }

    private static TagList RequestTags(in AccessLogEntry entry, int status)
    {
        var tags = new TagList
        {
            { "http.request.method", RequestLine.MethodOf(entry[AccessLogField.Request]) },
            { "http.response.status_code", status },
            { "url.scheme", entry.Text(AccessLogField.Scheme) },
        };
        if (entry[AccessLogField.TraceRoute] is { IsEmpty: false } route)
        {
            tags.Add("http.route", AccessLogText.Decode(route));
        }

        if (status >= 500)
        {
            tags.Add("error.type", status.ToString(CultureInfo.InvariantCulture));
        }

        return tags;
    }

    /// <returns>The tags of the member that was asked last; none where none was.</returns>
    private TagList AddAttempts(in AccessLogEntry entry, int weight)
    {
        var isSession = entry[AccessLogField.Status].SequenceEqual("101"u8);
        var members = entry[AccessLogField.UpstreamAddr];
        var durations = entry[AccessLogField.UpstreamResponseTime];
        var tags = default(TagList);
        while (!members.IsEmpty)
        {
            var address = AccessLogText.Decode(AccessLogText.TakeFirst(ref members));
            var member = _nameOf(address);
            tags = TagsOf(address, member);
            if (AccessLogText.Milliseconds(AccessLogText.TakeFirst(ref durations)) is { } duration)
            {
                Record(_attempts, duration, tags, weight);
                AddTimeInUse(member, isSession ? 0 : Math.Min(duration, LongestInUse) * weight);
            }
        }

        return tags;
    }

    private static TagList TagsOf(string address, MemberName? member)
    {
        var tags = new TagList { { "nginx.upstream.member", member?.Row ?? address } };
        if (member is not null)
        {
            tags.Add("nginx.upstream.name", member.Upstream);
        }

        return tags;
    }

    /// <summary>The upstream of one of a resource's endpoints is named after both, such as <c>api_https</c>.</summary>
    private void AddTimeInUse(MemberName? member, long milliseconds)
    {
        if (member?.Upstream.Split('_')[0] is { } resource)
        {
            lock (_lock)
            {
                _timeInUse[resource] = _timeInUse.GetValueOrDefault(resource) + (milliseconds / 1000.0);
            }
        }
    }

    private List<Measurement<double>> ReadTimeInUse()
    {
        lock (_lock)
        {
            return [.. _timeInUse.Select(static time =>
                new Measurement<double>(time.Value, new KeyValuePair<string, object?>("resource", time.Key)))];
        }
    }
}

/// <summary>The replica that has, or last had, an address.</summary>
/// <param name="Upstream">The upstream.</param>
/// <param name="Row">The id of the replica, such as <c>api-qwertyui</c>.</param>
internal sealed record MemberName(string Upstream, string Row);
