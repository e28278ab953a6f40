using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>What supervising needs of the host.</summary>
/// <param name="Notifications">Rows.</param>
/// <param name="Commands">Starts and restarts.</param>
/// <param name="Consoles">Consoles of the resources.</param>
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
