using System.Diagnostics.Metrics;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>The services of the host that supervision uses.</summary>
/// <param name="Notifications">The snapshots of the resources.</param>
/// <param name="Commands">Runs commands such as start and restart.</param>
/// <param name="Consoles">The consoles of the resources.</param>
/// <param name="Interactions">Shows notifications in the dashboard.</param>
/// <param name="Logger">The supervisor's own log.</param>
/// <param name="Metrics">The supervisor's counters.</param>
/// <param name="Requests">Reads the request counts of replicas.</param>
/// <param name="Health">Probes the health of processes.</param>
/// <param name="Orchestrator">Watches the orchestrator.</param>
/// <param name="Time">The clock.</param>
/// <param name="Stopping">Cancelled when the application stops.</param>
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

    /// <summary>A monotonic time: a change of the system's clock does not move it, so differences are durations.</summary>
    public DateTimeOffset Now => _start + Time.GetElapsedTime(_startStamp);

    /// <summary>Runs work in the background, and logs its failure.</summary>
    public async void Run(string id, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception) when (Stopping.IsCancellationRequested)
        {
            // The application stops: the work is no longer needed.
        }
        catch (Exception exception)
        {
            Log.Failed(Logger, id, exception);
        }
    }
}

/// <summary>The meter <c>Aspire.Hosting.Supervisor</c>: restarts, and changes of the number of replicas.</summary>
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

    /// <summary>Adds the number of replicas of each group.</summary>
    public void Observe(IEnumerable<SupervisedResource> groups) => _meter.CreateObservableUpDownCounter(
        ReplicasName,
        () => groups.Select(group =>
            new Measurement<int>(group.Shown?.Wanted ?? 0, new KeyValuePair<string, object?>(ResourceTag, group.Resource.Name))),
        "{replica}",
        "Replicas that are meant to serve.");

    public void Dispose() => _meter.Dispose();
}
