using System.Diagnostics.Metrics;
using System.Text;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Nginx.Telemetry.AccessLog;
using Aspire.Hosting.Nginx.Telemetry.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

public sealed class UpstreamMeterTests
{
    private static readonly Dictionary<string, MemberName> Names = new()
    {
        ["unix:/a"] = new("api", "api-1"),
        ["unix:/b"] = new("api_https", "api-2"),
    };

    private readonly RequestMetrics _requests = new();

    [Fact]
    public void Says_how_long_requests_took_all_together()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var scope = services.GetRequiredService<IMeterFactory>();
        using var meter = new UpstreamMeter(_requests, Names.GetValueOrDefault, scope);
        Count("200", "unix:/a", "0.250", weight: 2);
        Count("200", "unix:/a, unix:/b", "0.100, 0.200");
        Count("200", "unix:/b", "3600.000");
        Count("101", "unix:/b", "3600.000");
        Count("502", "api", "0.000");

        var (resource, seconds) = Assert.Single(Read(scope));

        Assert.Equal("api", resource);
        Assert.Equal(10.8, seconds, precision: 6);
    }

    private static List<(string? Resource, double Seconds)> Read(IMeterFactory scope)
    {
        var times = new List<(string?, double)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "nginx.upstream.request.time" && instrument.Meter.Scope == scope)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
            times.Add((tags.ToArray().Single(tag => tag.Key == "resource").Value as string, seconds)));
        listener.Start();
        listener.RecordObservableInstruments();
        return times;
    }

    private void Count(string status, string members, string durations, int weight = 1)
    {
        var message = Encoding.ASCII.GetBytes(
            $$"""{"status":"{{status}}","duration":"1.000","member":"{{members}}","member_duration":"{{durations}}"}""");
        Assert.True(AccessLogEntry.TryRead(message, new Range[AccessLogFormat.FieldCount], out var entry));
        _requests.Count(entry, weight);
    }
}
