using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Processes;
using Aspire.Hosting.Supervisor.Runtime;
using Aspire.Hosting.Supervisor.Scaling;
using Microsoft.Extensions.DependencyInjection;
using static Aspire.Hosting.Supervisor.Tests.SupervisedApplication;

namespace Aspire.Hosting.Supervisor.Tests;

/// <summary>A group of the real api under real load.</summary>
public sealed class AutoscalingTests
{
    [Fact]
    public async Task Follows_processors_where_there_is_no_nginx()
    {
        var steps = new ConcurrentBag<string>();
        using var listener = ListenToSteps(steps);
        await using var app = await SupervisedApplication.StartAsync(AddGroup);

        await GoesUpAndDownAsync(app);

        Assert.Contains("up", steps);
        Assert.Contains("down", steps);
    }

    [Fact]
    public void Knows_how_long_requests_took_from_the_counters_of_its_own_application()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var others = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var meter = services.GetRequiredService<IMeterFactory>().Create("a proxy");
        meter.CreateObservableCounter(
            "nginx.upstream.request.time",
            () => (Measurement<double>[])[Time("api", 10.5), Time("api", 0.3), Time("web", 1)]);
        using var times = new RequestTimes(services.GetRequiredService<IMeterFactory>());
        using var elsewhere = new RequestTimes(others.GetRequiredService<IMeterFactory>());

        times.Read();
        elsewhere.Read();

        Assert.Equal(10.8, times.SecondsOf("api")!.Value, precision: 6);
        Assert.Null(times.SecondsOf("other"));
        Assert.Null(elsewhere.SecondsOf("api"));

        static Measurement<double> Time(string resource, double seconds) =>
            new(seconds, new KeyValuePair<string, object?>("resource", resource));
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

    private static async Task GoesUpAndDownAsync(SupervisedApplication app)
    {
        var endpoint = app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<IResourceWithEndpoints>()
            .Single(resource => resource.Name == "api-1").GetEndpoint("http");
        await app.RunningAsync("api-1");
        await using (SteadyLoad.Start(new Uri(endpoint.Url)))
        {
            await ScaledAsync(app, "from 1 to 2, at ", "2 of 2");
        }

        await ScaledAsync(app, "from 2 to 1, at ", "1 of 1");
        await app.WaitForLineAsync("api", "api is scaled from 2 to 1 replicas, at ");
        await app.WaitAsync("api-2", IsOver);
    }

    private static Task<ResourceEvent> ScaledAsync(SupervisedApplication app, string step, string replicas) =>
        app.WaitAsync("api", row => Equals(Property(row, "supervisor.replicas"), replicas)
            && Property(row, "supervisor.scaling") is string shown
            && shown.StartsWith(step, StringComparison.Ordinal)
            && shown.Contains("processors busy", StringComparison.Ordinal));

    private static void AddGroup(IDistributedApplicationBuilder builder) =>
        builder.AddReplicas<Projects.FlaskStack_Api>("api", 1, 2, replica => replica.WithHttpHealthCheck("/health"))
            .WithSupervisor()
            .WithAutoscaling(scaling => scaling with
            {
                RequestsPerReplica = null,
                ProcessorsPerReplica = 0.1,
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
}
