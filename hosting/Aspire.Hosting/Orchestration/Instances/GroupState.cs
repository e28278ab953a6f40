using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>State and health of a replicated resource, told from those of its replicas.</summary>
/// <param name="State">The most alive state of any replica: one that runs makes the group run.</param>
/// <param name="Health">Healthy when all replicas serve, degraded when some do, unhealthy when none does.</param>
/// <param name="Serving">How many replicas run and are healthy.</param>
/// <param name="Total">How many replicas there are.</param>
internal sealed record GroupState(string State, HealthStatus Health, int Serving, int Total)
{
    private const string ReportName = "replicas";

    // From most to least alive; whatever is not listed (a supervisor's own states) stands between waiting and ended.
    private static readonly ImmutableArray<string> Order =
    [
        KnownResourceStates.Running,
        KnownResourceStates.Stopping,
        KnownResourceStates.Starting,
        KnownResourceStates.Building,
        KnownResourceStates.Waiting,
        string.Empty,
        KnownResourceStates.FailedToStart,
        KnownResourceStates.Exited,
        KnownResourceStates.Finished,
        KnownResourceStates.NotStarted,
    ];

    /// <summary>The group's health as one report, so that dashboards and waits see it as any other check.</summary>
    public HealthReportSnapshot Report(DateTime now) => new(ReportName, Health, $"{Serving} of {Total} replicas serve.", null) { LastRunAt = now };

    public static GroupState Of(IReadOnlyCollection<InstanceStatus> replicas)
    {
        var state = replicas.MinBy(r => Rank(r.State))!.State;
        var serving = replicas.Count(r => r.State == KnownResourceStates.Running && r.Health == HealthStatus.Healthy);
        var health = serving == replicas.Count ? HealthStatus.Healthy : serving > 0 ? HealthStatus.Degraded : HealthStatus.Unhealthy;
        return new GroupState(state, health, serving, replicas.Count);
    }

    private static int Rank(string state)
    {
        var rank = Order.IndexOf(state);
        return rank >= 0 ? rank : Order.IndexOf(string.Empty);
    }
}
