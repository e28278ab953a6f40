using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Machine;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Publishes the state of a group, or of a supervised resource, to its snapshot.</summary>
internal sealed class GroupDisplay(
    IResource resource,
    InstanceSet instances,
    Func<SupervisedInstance?> uncounted,
    SupervisorServices services)
{
    private readonly ReplicaGroupResource? _group = resource as ReplicaGroupResource;
    private readonly Lock _lock = new();
    private GroupStatus? _shown;
    private bool _hasServed;
    private DateTimeOffset? _servingSince;

    /// <summary>The status that is shown; null before the first replica is seen, and for resources that are not groups.</summary>
    public GroupStatus? Shown => Volatile.Read(ref _shown);

    /// <summary>Shows the status of a group if it has changed.</summary>
    public void Show()
    {
        if (_group is null || services.Stopping.IsCancellationRequested)
        {
            return;
        }

        lock (_lock)
        {
            var without = uncounted();
            InstanceState[] states = [.. instances.All.Where(instance => instance != without).Select(instance => instance.State)];
            var status = GroupStatus.Of(states, _group.Count, _hasServed);
            _servingSince = status.Healthy == 0 ? null : _servingSince ?? services.Now;
            status = status with { ServingSince = _servingSince, LastRestart = LastRestart() };
            _hasServed |= status.Healthy == status.Wanted;
            if (status == _shown)
            {
                return;
            }

            _shown = status;
        }

        services.Run(resource.Name, () => services.Notifications.PublishUpdateAsync(resource, snapshot => Shown!.ApplyTo(snapshot)));
    }

    /// <summary>Shows the progress of a reload.</summary>
    public async Task ShowReloadAsync(string progress)
    {
        var snapshots = _group is null ? instances.All.Select(instance => (instance.Resource, instance.Id)) : [(resource, resource.Name)];
        foreach (var (shown, id) in snapshots)
        {
            await services.Notifications
                .PublishUpdateAsync(shown, id, snapshot => snapshot.With((PropertyNames.Reload, progress)))
                .ConfigureAwait(false);
        }
    }

    /// <summary>Shows a change of the number of replicas.</summary>
    /// <param name="before">The number before.</param>
    /// <param name="after">The number after.</param>
    /// <param name="why">The reason, to be shown.</param>
    public Task ShowScalingAsync(int before, int after, string why)
    {
        var step = string.Create(CultureInfo.InvariantCulture, $"from {before} to {after}, {why}");
        return services.Notifications.PublishUpdateAsync(resource, snapshot => snapshot.With((PropertyNames.Scaling, step)));
    }

    private string? LastRestart() =>
        instances.All.Where(instance => instance.State.RestartedAt is not null).MaxBy(instance => instance.State.RestartedAt) is { } last
            ? $"{last.Resource.Name}: {last.State.Reason?.Text}"
            : null;
}
