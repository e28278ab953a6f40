using System.Text;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Nginx.Telemetry.AccessLog;
using Aspire.Hosting.Nginx.Telemetry.Metrics;
using Aspire.Hosting.Nginx.Telemetry.Otlp;
using Google.Protobuf;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

public class MetricsTests
{
    private static readonly Dictionary<string, MemberName> Names = new() { ["unix:/a"] = new("api", "api-aaaaaaaa"), ["unix:/b"] = new("api", "api-bbbbbbbb") };

    private readonly RequestMetrics _requests = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public void Counts_requests_by_class_and_member()
    {
        Count("200", "GET", "unix:/a", "0.001");
        Count("204", "GET", "unix:/a", "0.001");
        Count("200", "GET", "unix:/b", "0.001");
        Count("404", "GET", "", "");
        Count("200", "GET", "unix:/a, unix:/b", "0.000, 0.002");

        var points = Metric("nginx.requests").Sum.DataPoints;

        Assert.Equal(
            [("2xx", "api", "api-aaaaaaaa", 2), ("2xx", "api", "api-bbbbbbbb", 2), ("4xx", null, null, 1)],
            points.Select(point => (
                point.Attributes.Value("http.response.status_class"),
                point.Attributes.Value("nginx.upstream.name"),
                point.Attributes.Value("nginx.upstream.member"),
                point.AsInt)));
    }

    [Fact]
    public void Times_requests_in_buckets()
    {
        Count("200", "GET", "unix:/a", "0.001", duration: "0.005");
        Count("200", "GET", "unix:/a", "0.001", duration: "0.006");
        Count("200", "GET", "unix:/a", "0.001", duration: "11.000");
        Count("503", "POST", "unix:/b", "0.001", duration: "0.000");

        var points = Metric("http.server.request.duration").Histogram.DataPoints;

        Assert.Equal(2, points.Count);
        var (served, failed) = (points[0], points[1]);
        Assert.Equal((3ul, 11.011), (served.Count, Math.Round(served.Sum, 3)));
        Assert.Equal([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10], served.ExplicitBounds);
        Assert.Equal([1, 1, .. Enumerable.Repeat(0ul, 12), 1], served.BucketCounts);
        Assert.Equal(("GET", "200", "/", null), (served.Attributes.Value("http.request.method"), served.Attributes.Value("http.response.status_code"), served.Attributes.Value("http.route"), served.Attributes.Value("error.type")));
        Assert.Equal(("POST", "503"), (failed.Attributes.Value("http.request.method"), failed.Attributes.Value("error.type")));
    }

    [Fact]
    public void Times_every_attempt()
    {
        Count("200", "GET", "unix:/a, unix:/b", "0.010, 0.020");
        Count("502", "GET", "unix:/a", "-");

        var points = Metric("nginx.upstream.request.duration").Histogram.DataPoints;

        Assert.Equal([("api-aaaaaaaa", 0.01), ("api-bbbbbbbb", 0.02)], points.Select(point => (point.Attributes.Value("nginx.upstream.member"), point.Sum)));
    }

    [Fact]
    public void Clients_cannot_invent_series()
    {
        for (var number = 0; number < 3_000; number++)
        {
            Count("200", $"BREW{number}", "unix:/a", "0.001");
            Count($"{100 + (number % 900)}", "GET", $"unix:/{number}", "0.001");
        }

        var points = Metric("http.server.request.duration").Histogram.DataPoints;

        Assert.InRange(points.Count, 2, 2_001);
        Assert.Equal(6_000ul, points.Aggregate(0ul, (sum, point) => sum + point.Count));
        Assert.DoesNotContain(points, point => point.Attributes.Value("http.request.method")?.StartsWith("BREW", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Allocates_nothing_for_a_request_like_an_earlier_one()
    {
        var message = Message("200", "GET", "unix:/a", "0.001", "0.002");
        var fields = new Range[AccessLogFormat.FieldCount];
        Take(message, fields);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var number = 0; number < 1_000; number++)
        {
            Take(message, fields);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Counts_connections_from_nginx_s_own_start()
    {
        var metrics = new MetricsBuilder(_requests, Names.GetValueOrDefault, _clock);
        var status = StubStatus.Parse("Active connections: 291 \nserver accepts handled requests\n 16630948 16630946 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n")!;
        Assert.Equal(new(291, 16630948, 16630946, 31070465, 6, 179, 106), status);

        var first = metrics.Build(status, 0);
        _clock.Advance(TimeSpan.FromSeconds(5));
        var restarted = metrics.Build(status with { Accepted = 1 }, 3);

        Assert.Equal([("active", 291), ("reading", 6), ("writing", 179), ("waiting", 106)], Named(first, "nginx.connections").Sum.DataPoints.Select(point => (point.Attributes.Value("nginx.connection.state"), point.AsInt)));
        Assert.False(Named(first, "nginx.connections").Sum.IsMonotonic);
        Assert.Equal(16630948, Named(first, "nginx.connections.accepted").Sum.DataPoints[0].AsInt);
        Assert.Equal(16630946, Named(first, "nginx.connections.handled").Sum.DataPoints[0].AsInt);
        Assert.Equal(31070465, Named(first, "nginx.requests.received").Sum.DataPoints[0].AsInt);
        Assert.Equal(5_000_000_000ul, Named(restarted, "nginx.connections.accepted").Sum.DataPoints[0].StartTimeUnixNano - Named(first, "nginx.connections.accepted").Sum.DataPoints[0].StartTimeUnixNano);
        Assert.Equal(3, Named(restarted, "nginx.telemetry.lost").Sum.DataPoints[0].AsInt);
        Assert.Null(StubStatus.Parse("<html>"));
    }

    /// <remarks>The dashboard refuses a metric that has a point without a value, with all its other points.</remarks>
    [Fact]
    public void Sends_a_count_of_zero()
    {
        var sent = NumberPoint.Parser.ParseFrom(new NumberPoint { AsInt = 0 }.ToByteArray());

        Assert.Equal(NumberPoint.ValueOneofCase.AsInt, sent.ValueCase);
    }

    private static Metric Named(IReadOnlyList<Metric> metrics, string name) => metrics.Single(metric => metric.Name == name);

    private static byte[] Message(string status, string method, string member, string memberDuration, string duration) =>
        Encoding.ASCII.GetBytes($$"""{"status":"{{status}}","duration":"{{duration}}","method":"{{method}}","route":"/","member":"{{member}}","member_duration":"{{memberDuration}}"}""");

    private Metric Metric(string name) => Named(new MetricsBuilder(_requests, Names.GetValueOrDefault, _clock).Build(null, 0), name);

    private void Count(string status, string method, string member, string memberDuration, string duration = "0.002") =>
        Take(Message(status, method, member, memberDuration, duration), new Range[AccessLogFormat.FieldCount]);

    private void Take(byte[] message, Range[] fields)
    {
        Assert.True(AccessLogEntry.TryRead(message, fields, out var entry));
        _requests.Count(entry, weight: 1);
    }
}
