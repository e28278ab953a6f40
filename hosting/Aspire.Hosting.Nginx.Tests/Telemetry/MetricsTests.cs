using System.Diagnostics.Metrics;
using System.Text;
using Aspire.Hosting.Nginx.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

public sealed class MetricsTests : IDisposable
{
    private static readonly Dictionary<string, MemberName> Names = new()
    {
        ["unix:/a"] = new("api", "api-aaaaaaaa"),
        ["unix:/b"] = new("api", "api-bbbbbbbb"),
        ["unix:/c"] = new("api_https", "api-cccccccc"),
    };

    private readonly RequestMetrics _requests = new(Names.GetValueOrDefault, null);
    private readonly RecordedMeasurements _recorded;
    private readonly ManualClock _clock = new();
    private volatile string _totals = "";

    public MetricsTests() => _recorded = new(_requests.Meter);

    [Fact]
    public void Counts_requests_by_class_and_member()
    {
        Add("200", "GET", "unix:/a", "0.001");
        Add("404", "GET", "", "");
        Add("200", "GET", "unix:/a, unix:/b", "0.000, 0.002");

        Assert.Equal(
            [("2xx", "api", "api-aaaaaaaa", 1), ("4xx", null, null, 1), ("2xx", "api", "api-bbbbbbbb", 1)],
            _recorded.Of("nginx.requests").Select(count => (
                count.Tags["http.response.status_class"],
                count.Tags.GetValueOrDefault("nginx.upstream.name"),
                count.Tags.GetValueOrDefault("nginx.upstream.member"),
                (int)count.Value)));
    }

    [Fact]
    public void Counts_a_logged_request_for_all_that_it_stands_for()
    {
        Add("200", "GET", "unix:/a", "0.100", weight: 20);
        Add("200", "GET", "unix:/a", "0.100", weight: 1);

        Assert.Equal([20.0, 1], _recorded.Of("nginx.requests").Select(count => count.Value));
        Assert.Equal(21, _recorded.Of("http.server.request.duration").Count);
        Assert.Equal(21, _recorded.Of("nginx.upstream.request.duration").Count);
        _recorded.Observe();
        Assert.Equal(2.1, Assert.Single(_recorded.Of("nginx.upstream.request.time")).Value, precision: 6);
    }

    [Fact]
    public void Times_requests()
    {
        Add("200", "GET", "unix:/a", "0.001", duration: "11.005");
        Add("503", "POST", "unix:/b", "0.001", duration: "0.000");

        var durations = _recorded.Of("http.server.request.duration");

        Assert.Equal([11.005, 0], durations.Select(duration => duration.Value));
        var (served, failed) = (durations[0].Tags, durations[1].Tags);
        Assert.Equal(("GET", 200), (served["http.request.method"], served["http.response.status_code"]));
        Assert.Equal(("/", "http"), (served["http.route"], served["url.scheme"]));
        Assert.DoesNotContain("error.type", served.Keys);
        Assert.Equal(("POST", "503"), (failed["http.request.method"], failed["error.type"]));
    }

    [Fact]
    public void Times_every_attempt()
    {
        Add("200", "GET", "unix:/a, unix:/b", "0.010, 0.020");
        Add("502", "GET", "unix:/a", "-");

        Assert.Equal(
            [("api-aaaaaaaa", 0.01), ("api-bbbbbbbb", 0.02)],
            _recorded.Of("nginx.upstream.request.duration").Select(attempt => (attempt.Tags["nginx.upstream.member"], attempt.Value)));
    }

    [Fact]
    public void Adds_up_how_long_requests_to_a_resource_took()
    {
        Add("200", "GET", "unix:/a", "0.250");
        Add("200", "GET", "unix:/a, unix:/c", "0.100, 0.200");
        Add("200", "GET", "unix:/c", "3600.000");
        Add("101", "GET", "unix:/c", "3600.000");
        Add("502", "GET", "api", "0.000");

        _recorded.Observe();

        var (seconds, tags) = Assert.Single(_recorded.Of("nginx.upstream.request.time"));
        Assert.Equal(("api", 10.55), (tags["resource"], Math.Round(seconds, 6)));
    }

    [Fact]
    public void Shows_its_instruments_to_the_application_that_it_is_part_of()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var scope = services.GetRequiredService<IMeterFactory>();
        using var requests = new RequestMetrics(Names.GetValueOrDefault, scope);

        Assert.Same(scope, requests.Meter.Scope);
    }

    [Fact]
    public void Clients_cannot_invent_series()
    {
        for (var number = 0; number < 100; number++)
        {
            Add("200", $"BREW{number}", "unix:/a", "0.001");
        }

        var methods = _recorded.Of("http.server.request.duration").Select(duration => duration.Tags["http.request.method"]);
        Assert.Equal(["_OTHER"], methods.Distinct());
    }

    [Fact]
    public async Task Counts_connections_over_a_restart_of_nginx()
    {
        var folder = Directory.CreateTempSubdirectory("status-");
        var socket = Path.Combine(folder.FullName, "status.sock");
        ConnectionMetrics.AddTo(_requests.Meter, socket, NullLogger.Instance, _clock);
        await using var nginx = await StatusAsync(socket);

        await ObserveAsync("16630948 16630946 31070465");
        Assert.Equal(
            [("active", 291), ("reading", 6), ("writing", 179), ("waiting", 106)],
            _recorded.Of("nginx.connections").Select(state => (state.Tags["nginx.connection.state"], (int)state.Value)));
        Assert.Equal([16630948, 16630946, 31070465], Totals());

        await ObserveAsync("1 1 2");
        Assert.Equal([16630949, 16630947, 31070467], Totals());

        await nginx.DisposeAsync();
        _clock.Advance(TimeSpan.FromSeconds(5));
        _recorded.Observe();
        Assert.Empty(_recorded.Of("nginx.connections"));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Reads_no_status_from_another_page() => Assert.Null(StubStatus.Parse("<html>"));

    public void Dispose()
    {
        _recorded.Dispose();
        _requests.Dispose();
    }

    /// <summary>A page as <c>stub_status</c> writes it.</summary>
    private async Task<WebApplication> StatusAsync(string socket)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        var application = builder.Build();
        application.Run(context => context.Response.WriteAsync(
            $"Active connections: 291 \nserver accepts handled requests\n {_totals} \nReading: 6 Writing: 179 Waiting: 106 \n"));
        await application.StartAsync();
        return application;
    }

    /// <summary>On a busy machine the page may not be there in time, and is read again as in an application.</summary>
    private async Task ObserveAsync(string totals)
    {
        _totals = totals;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        do
        {
            deadline.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Run(_recorded.Observe, deadline.Token);
        }
        while (_recorded.Of("nginx.connections").Count == 0);
    }

    private double[] Totals() =>
        [Total("nginx.connections.accepted"), Total("nginx.connections.handled"), Total("nginx.requests.received")];

    private double Total(string name) => Assert.Single(_recorded.Of(name)).Value;

    private void Add(string status, string method, string member, string memberDuration, string duration = "0.002", int weight = 1)
    {
        var message = Encoding.ASCII.GetBytes(
            $$"""
            {"status":"{{status}}","request_time":"{{duration}}","trace_weight":"{{weight}}","trace_route":"/","upstream_addr":"{{member}}",
            "upstream_response_time":"{{memberDuration}}","scheme":"http","request":"{{method}} / HTTP/1.1"}
            """);
        Assert.True(AccessLogEntry.TryRead(message, new Range[AccessLogEntry.FieldCount], out var entry));
        _requests.Add(entry);
    }
}
