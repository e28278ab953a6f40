using System.Diagnostics.Metrics;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>What supervising needs of the host.</summary>
/// <param name="Notifications">Rows.</param>
/// <param name="Commands">Starts and restarts.</param>
/// <param name="Consoles">Consoles of the resources.</param>
/// <param name="Interactions">Notifications in the dashboard.</param>
/// <param name="Logger">The supervisor's own log.</param>
/// <param name="Metrics">Counts.</param>
/// <param name="Requests">Asks replicas for their counts.</param>
/// <param name="Health">Probes health.</param>
/// <param name="Orchestrator">Notices the orchestrator's end.</param>
/// <param name="Time">The clock.</param>
/// <param name="Stopping">Ends everything.</param>
internal sealed record SupervisorServices(
    ResourceNotificationService Notifications,
    ResourceCommandService Commands,
    ResourceLoggerService Consoles,
    IInteractionService Interactions,
    ILogger Logger,
    SupervisorMetrics Metrics,
    RequestCounter Requests,
    HealthProbe Health,
    OrchestratorWatch Orchestrator,
    TimeProvider Time,
    CancellationToken Stopping)
{
    private readonly DateTimeOffset _start = Time.GetUtcNow();
    private readonly long _startStamp = Time.GetTimestamp();

    /// <summary>The time by a clock of its own, which no step of the system's clock moves: differences are durations.</summary>
    public DateTimeOffset Now => _start + Time.GetElapsedTime(_startStamp);

    /// <summary>Lets work go on by itself; what goes wrong with it is said, never lost.</summary>
    public async void Run(string id, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception) when (Stopping.IsCancellationRequested)
        {
            // The application stops, and what work was left is of no use to it.
        }
        catch (Exception exception)
        {
            Log.Failed(Logger, id, exception);
        }
    }
}

/// <summary>Counts restarts and changes of the number of replicas, in the meter <c>Aspire.Hosting.Supervisor</c>.</summary>
internal sealed class SupervisorMetrics : IDisposable
{
    public const string MeterName = "Aspire.Hosting.Supervisor";
    public const string RestartsName = "supervisor.restarts";
    public const string ScalingsName = "supervisor.scalings";
    public const string ReplicasName = "supervisor.replicas";

    private const string ResourceTag = "resource";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _restarts;
    private readonly Counter<long> _scalings;

    public SupervisorMetrics()
    {
        _restarts = _meter.CreateCounter<long>(RestartsName, "{restart}", "Processes that the supervisor restarted or replaced.");
        _scalings = _meter.CreateCounter<long>(ScalingsName, "{step}", "Changes of the number of replicas, up or down.");
    }

    public void Restarted(string resource, string reason) =>
        _restarts.Add(1, new(ResourceTag, resource), new KeyValuePair<string, object?>("reason", reason));

    public void Scaled(string resource, bool isUp) =>
        _scalings.Add(1, new(ResourceTag, resource), new KeyValuePair<string, object?>("direction", isUp ? "up" : "down"));

    /// <summary>Tells how many replicas groups have.</summary>
    public void Observe(IEnumerable<SupervisedResource> groups) => _meter.CreateObservableUpDownCounter(
        ReplicasName,
        () => groups.Select(group =>
            new Measurement<int>(group.Shown?.Wanted ?? 0, new KeyValuePair<string, object?>(ResourceTag, group.Resource.Name))),
        "{replica}",
        "Replicas that are meant to serve.");

    public void Dispose() => _meter.Dispose();
}
