using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Machine;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>What the row of a group shows of its replicas.</summary>
/// <param name="State">The state: whether all replicas serve that are meant to.</param>
/// <param name="Style">How the state is shown, or null.</param>
/// <param name="Healthy">How many replicas are healthy.</param>
/// <param name="Wanted">How many are meant to serve.</param>
/// <param name="Restarts">How often replicas were restarted, all together.</param>
/// <param name="StartedAt">When the first of those that run started.</param>
internal sealed record GroupRow(string State, string? Style, int Healthy, int Wanted, int Restarts, DateTimeOffset? StartedAt)
{
    private const string ResourceType = "ReplicaGroup";

    private string Summary => string.Create(CultureInfo.InvariantCulture, $"{Healthy} of {Wanted}");

    /// <summary>What it shows before anything has started.</summary>
    public static CustomResourceSnapshot Initial(ReplicaGroupResource group) => new()
    {
        ResourceType = ResourceType,
        State = KnownResourceStates.Starting,
        CreationTimeStamp = DateTime.UtcNow,
        Properties = [new(PropertyNames.Replicas, string.Create(CultureInfo.InvariantCulture, $"0 of {group.Count}"))],
    };

    /// <summary>Sums up replicas.</summary>
    /// <param name="states">The replicas that are known.</param>
    /// <param name="expected">How many were to start with the application; those not seen yet count as starting.</param>
    /// <param name="hasServed">Whether all of them have served together before.</param>
    public static GroupRow Of(IReadOnlyCollection<InstanceState> states, int expected, bool hasServed)
    {
        var begun = states.Count(state => state.Phase != InstancePhase.Idle);
        var pending = Math.Max(0, expected - begun);
        var healthy = states.Count(state => state.IsServing);
        var wanted = states.Count(state => state.IsReloaded) + pending;
        var (name, style) = StateOf(states, healthy, wanted, hasServed);
        return new(
            name,
            style,
            healthy,
            wanted,
            states.Sum(state => state.Restarts),
            states.Where(state => state.Phase == InstancePhase.Running).Min(state => state.StartedAt));
    }

    /// <summary>The snapshot that shows it.</summary>
    public CustomResourceSnapshot Show(CustomResourceSnapshot snapshot) => snapshot.With(
        (PropertyNames.Replicas, Summary),
        (PropertyNames.Restarts, Restarts)) with
    {
        State = new ResourceStateSnapshot(State, Style),
        StartTimeStamp = StartedAt?.UtcDateTime,
    };

    /// <remarks>Who waits for the group waits until it is running, which is when all replicas that are meant to serve do.</remarks>
    private static (string Name, string? Style) StateOf(IReadOnlyCollection<InstanceState> states, int healthy, int wanted, bool hasServed)
    {
        bool Any(params InstancePhase[] phases) => states.Any(state => phases.Contains(state.Phase));

        if (wanted == 0)
        {
            return (Any(InstancePhase.Stopping) ? KnownResourceStates.Stopping : KnownResourceStates.Exited, null);
        }

        if (healthy == wanted)
        {
            return (KnownResourceStates.Running, KnownResourceStateStyles.Success);
        }

        if (healthy > 0 && hasServed)
        {
            return (SupervisorStates.Degraded, KnownResourceStateStyles.Warn);
        }

        return Any(InstancePhase.Starting, InstancePhase.Restarting) || !hasServed && !Any(InstancePhase.Backoff, InstancePhase.Fatal) ? (KnownResourceStates.Starting, null)
            : Any(InstancePhase.Running) ? (SupervisorStates.Unhealthy, KnownResourceStateStyles.Error)
            : Any(InstancePhase.Backoff) ? (SupervisorStates.Backoff, KnownResourceStateStyles.Warn)
            : (SupervisorStates.Fatal, KnownResourceStateStyles.Error);
    }
}
