using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Machine;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>
/// Replaces processes, one after the other. A standby replica of the group, if there is one, stands in for each of them, so that the number
/// of serving replicas never drops. The caller makes sure that only one replacement runs at a time.
/// </summary>
internal sealed class Replacement(
    ReplicaGroupResource? group,
    InstanceSet instances,
    SupervisorOptions options,
    SupervisorServices services)
{
    private volatile SupervisedInstance? _uncounted;

    /// <summary>The one replica too many while a standby replica stands in, which the group's status leaves out; null otherwise.</summary>
    public SupervisedInstance? Uncounted => _uncounted;

    /// <summary>Replaces processes in their order, until one fails.</summary>
    /// <param name="order">The processes.</param>
    /// <param name="reason">Why.</param>
    /// <param name="standingIn">Called with the standby replica that will stand in for the others, if there is one.</param>
    /// <param name="replaced">Called after each.</param>
    /// <returns>Where it failed, or null.</returns>
    public async Task<ReplacementFailure?> RunAsync(
        IReadOnlyList<SupervisedInstance> order,
        RestartReason reason,
        Action<SupervisedInstance> standingIn,
        Func<Task>? replaced = null)
    {
        var standby = reason.IsUrgent && order.All(instances.CanTakeDown) ? null : Standby();
        try
        {
            if (standby is not null)
            {
                standingIn(standby);
                if (await BeginStandInAsync(standby, order[0]).ConfigureAwait(false) is { } problem)
                {
                    return new(standby, problem);
                }
            }

            foreach (var instance in order)
            {
                if (await ReplaceAsync(instance, reason, standby).ConfigureAwait(false) is { } halt)
                {
                    return new(instance, halt);
                }

                await (replaced?.Invoke() ?? Task.CompletedTask).ConfigureAwait(false);
            }

            return null;
        }
        finally
        {
            await EndStandInAsync(standby).ConfigureAwait(false);
        }
    }

    /// <summary>A standby replica: it does not start with the application, and has not been started by hand. Null without one.</summary>
    private SupervisedInstance? Standby() => group is null || !options.UseStandby
        ? null
        : instances.All.FirstOrDefault(instance =>
            instance.State.Phase is InstancePhase.Idle or InstancePhase.Stopped && !group.InUse.Contains(instance.Resource));

    /// <returns>Why it does not serve, or null.</returns>
    private async Task<string?> BeginStandInAsync(SupervisedInstance standby, SupervisedInstance first)
    {
        _uncounted = standby;
        group!.Sockets.StandIn(standby.Resource, first.Resource);
        if (await instances.StartAsync([standby]).ConfigureAwait(false) is { } failure)
        {
            return failure.Message;
        }

        return await FailsSoonAsync(standby).ConfigureAwait(false) ? $"it ended because {standby.State.Reason?.Text}." : null;
    }

    private async Task EndStandInAsync(SupervisedInstance? standby)
    {
        if (standby is null || services.Stopping.IsCancellationRequested)
        {
            return;
        }

        group!.Sockets.StandIn(standby.Resource, standby.Resource);
        await instances.ExecuteAsync(KnownResourceCommands.StopCommand, [standby]).ConfigureAwait(false);
        _uncounted = null;
        instances.SignalChange();
    }

    /// <summary>Takes one process out of service and returns when its successor serves.</summary>
    /// <param name="instance">The process.</param>
    /// <param name="reason">Why.</param>
    /// <param name="standby">The replica that stands in for it meanwhile, or null.</param>
    /// <returns>Why its successor does not serve, or null; also null when the process was stopped by a command meanwhile.</returns>
    private async Task<string?> ReplaceAsync(SupervisedInstance instance, RestartReason reason, SupervisedInstance? standby)
    {
        if (standby is null)
        {
            return await ReplaceAsync(instance, reason).ConfigureAwait(false);
        }

        try
        {
            await PointLinkAsync(instance, standby).ConfigureAwait(false);
            _uncounted = instance;
            return await ReplaceAsync(instance, reason).ConfigureAwait(false);
        }
        finally
        {
            await PointLinkAsync(instance, instance).ConfigureAwait(false);
            _uncounted = standby;
        }
    }

    private Task PointLinkAsync(SupervisedInstance instance, SupervisedInstance other) =>
        group!.Sockets.PointAsync(instance.Resource, other.Resource, services.Time, services.Stopping);

    private async Task<string?> ReplaceAsync(SupervisedInstance instance, RestartReason reason)
    {
        await instances.UntilAsync(() => !IsInTransition(instance.State.Phase)).ConfigureAwait(false);
        if (instance.State.IsServing && !await CanTakeDownAsync(instance).ConfigureAwait(false))
        {
            var (serving, needed) = (instances.ServingOthers(instance), instances.NeededOthers(instance));
            return Text($"it cannot be taken out of service: after {Limit} s only {serving} of {needed} others serve.");
        }

        var before = instance.State;
        if (!before.IsReloaded)
        {
            return null;
        }

        if (await instance.ReplaceAsync(reason).ConfigureAwait(false) is { } refusal)
        {
            return refusal;
        }

        bool isSettled;
        do
        {
            isSettled = await instances.UntilAsync(() => IsSettled(instance.State, before)).ConfigureAwait(false);
        }
        while (isSettled && await FailsSoonAsync(instance).ConfigureAwait(false));

        return Verdict(instance.State, before, isSettled);
    }

    private Task<bool> CanTakeDownAsync(SupervisedInstance instance) =>
        instances.UntilAsync(() => !instance.State.IsServing || instances.CanTakeDown(instance));

    private static bool IsInTransition(InstancePhase phase) =>
        phase is InstancePhase.Starting or InstancePhase.Restarting or InstancePhase.Stopping;

    /// <summary>Whether a process without a health check ends within the time that its start needs to count as successful.</summary>
    private async Task<bool> FailsSoonAsync(SupervisedInstance instance) =>
        instance.State.IsServing
        && !HealthProbe.HasChecks(instance.Resource)
        && await instances.UntilAsync(() => !instance.State.IsServing, TimeSpan.FromSeconds(options.StartSeconds)).ConfigureAwait(false);

    /// <summary>Whether the result of a replacement is known.</summary>
    private static bool IsSettled(InstanceState state, InstanceState before) =>
        (state.IsServing && state.StartedAt != before.StartedAt)
        || state.Phase is InstancePhase.Stopped or InstancePhase.Finished or InstancePhase.Fatal;

    private string? Verdict(InstanceState state, InstanceState before, bool isSettled) => state switch
    {
        { Phase: InstancePhase.Fatal } => $"it does not start because {state.Reason?.Text}.",
        { Phase: InstancePhase.Finished } => "it ended by itself.",
        { Phase: InstancePhase.Stopped } => null,
        _ when isSettled && state.StartedAt != before.StartedAt => null,
        _ => Text($"it did not become healthy within {Limit} s."),
    };

    private string Limit => Text($"{options.HealthyTimeout.TotalSeconds:0.#}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Where a replacement failed, and why.</summary>
internal sealed record ReplacementFailure(SupervisedInstance Instance, string Problem);
