using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Supervisor.Processes;
using Aspire.Hosting.Supervisor.Runtime;
using Aspire.Hosting.Supervisor.Scaling;
using FlaskStack.Tests.Graph;
using FlaskStack.Tests.Nginx;
using Microsoft.Extensions.DependencyInjection;
using static FlaskStack.Tests.Supervisor.SupervisedApplication;

namespace FlaskStack.Tests.Supervisor;

/// <summary>Groups of the real api under real load, one behind nginx and one without it.</summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class AutoscalingTests(NginxBinary binary)
{
    private static readonly Dictionary<string, MemberName> Names = new()
    {
        ["unix:/a"] = new("api", "api-1"),
        ["unix:/b"] = new("api_https", "api-2"),
    };

    [Fact]
    public async Task Follows_requests_in_flight_where_there_is_nginx()
    {
        await using var app = await SupervisedApplication.StartAsync(builder =>
        {
            builder.Configuration["Nginx:Path"] = binary.Location.LibraryFolder is null ? binary.Location.Path : "";
            // Nobody needs to be there: nginx says what it counts to the application itself.
            builder.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://127.0.0.1:9";
            var api = AddGroup(builder, requests: 0.2, processors: null);
            builder.AddNginx("nginx").WithReverseProxy("/", api).WaitFor(api);
        });
        await app.Rows.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);

        await GoesUpAndDownAsync(app, "nginx", "requests in flight");
    }

    [Fact]
    public async Task Follows_processors_where_there_is_none()
    {
        var steps = new ConcurrentBag<string>();
        using var listener = ListenToSteps(steps);
        await using var app = await SupervisedApplication.StartAsync(builder => AddGroup(builder, requests: null, processors: 0.1));

        await GoesUpAndDownAsync(app, "api-1", "processors busy");

        Assert.Contains("up", steps);
        Assert.Contains("down", steps);
    }

    [Fact]
    public void Says_how_long_requests_took_all_together()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var others = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var requests = new RequestMetrics(Names.GetValueOrDefault, services.GetRequiredService<IMeterFactory>());
        using var times = new RequestTimes(services.GetRequiredService<IMeterFactory>());
        using var elsewhere = new RequestTimes(others.GetRequiredService<IMeterFactory>());

        Count(requests, "200", "unix:/a", "0.250");
        Count(requests, "200", "unix:/a", "0.250");
        Count(requests, "200", "unix:/a, unix:/b", "0.100, 0.200");
        Count(requests, "200", "unix:/b", "3600.000");
        Count(requests, "101", "unix:/b", "3600.000");
        Count(requests, "502", "api", "0.000");
        times.Read();
        elsewhere.Read();

        Assert.Equal(10.8, times.SecondsOf("api")!.Value, precision: 6);
        Assert.Null(times.SecondsOf("other"));
        Assert.Null(elsewhere.SecondsOf("api"));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Knows_the_processor_time_of_a_process()
    {
        using var own = Process.GetCurrentProcess();

        var before = own.TotalProcessorTime;
        var time = ProcessTable.Read().ProcessorTimeOf(own.Id);

        Assert.True(time > before - TimeSpan.FromMilliseconds(20), $"{time} of {before}");
        Assert.Null(ProcessTable.Read().ProcessorTimeOf(int.MaxValue));
    }

    private static async Task GoesUpAndDownAsync(SupervisedApplication app, string target, string measure)
    {
        var endpoint = app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<IResourceWithEndpoints>()
            .Single(resource => resource.Name == target).GetEndpoint("http");
        await app.RunningAsync("api-1");
        await using (SteadyLoad.Start(new Uri(endpoint.Url)))
        {
            await ScaledAsync(app, "from 1 to 2, at ", measure, "2 of 2");
        }

        await ScaledAsync(app, "from 2 to 1, at ", measure, "1 of 1");
        await app.WaitForLineAsync("api", "api is scaled from 2 to 1 replicas, at ");
        await app.WaitAsync("api-2", IsOver);
    }

    private static Task<ResourceEvent> ScaledAsync(SupervisedApplication app, string step, string measure, string replicas) =>
        app.WaitAsync("api", row => Equals(Property(row, "supervisor.replicas"), replicas)
            && Property(row, "supervisor.scaling") is string shown
            && shown.StartsWith(step, StringComparison.Ordinal)
            && shown.Contains(measure, StringComparison.Ordinal));

    private static IResourceBuilder<ReplicaGroupResource> AddGroup(
        IDistributedApplicationBuilder builder,
        double? requests,
        double? processors) =>
        builder.AddReplicas<Projects.FlaskStack_Api>("api", 1, 2, replica => replica.WithHttpHealthCheck("/health"))
            .WithSupervisor()
            .WithAutoscaling(scaling => scaling with
            {
                RequestsPerReplica = requests,
                ProcessorsPerReplica = processors,
                Window = TimeSpan.FromSeconds(2),
                ScaleDownAfter = TimeSpan.FromSeconds(3),
            });

    private static MeterListener ListenToSteps(ConcurrentBag<string> steps)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == SupervisorMetrics.ScalingsName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => steps.Add((string)tags[1].Value!));
        listener.Start();
        return listener;
    }

    private static void Count(RequestMetrics requests, string status, string members, string durations)
    {
        var message = Encoding.ASCII.GetBytes(
            $$"""{"status":"{{status}}","request_time":"1.000","upstream_addr":"{{members}}","upstream_response_time":"{{durations}}"}""");
        Assert.True(AccessLogEntry.TryRead(message, new Range[AccessLogEntry.FieldCount], out var entry));
        requests.Add(entry);
    }
}
