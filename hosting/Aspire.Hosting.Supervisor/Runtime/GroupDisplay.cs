using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Shows in the snapshot of a group, or of a supervised resource, how its instances are and what is done with them.</summary>
internal sealed class GroupDisplay(IResource resource, InstanceSet instances, Func<SupervisedInstance?> uncounted, SupervisorServices services)
{
    private readonly ReplicaGroupResource? _group = resource as ReplicaGroupResource;
    private readonly Lock _lock = new();
    private GroupRow? _shown;
    private bool _hasServed;
    private DateTimeOffset? _servingSince;

    /// <summary>What is shown of a group's replicas; null before the first is seen, and of what is no group.</summary>
    public GroupRow? Shown => Volatile.Read(ref _shown);

    /// <summary>Shows how the replicas of a group are, when that has changed.</summary>
    public void Show()
    {
        if (_group is null || services.Stopping.IsCancellationRequested)
        {
            return;
        }

        lock (_lock)
        {
            var without = uncounted();
            var row = GroupRow.Of([.. instances.All.Where(instance => instance != without).Select(instance => instance.State)], _group.Count, _hasServed);
            _servingSince = row.Healthy == 0 ? null : _servingSince ?? services.Now;
            row = row with { ServingSince = _servingSince, LastRestart = LastRestart() };
            _hasServed |= row.Healthy == row.Wanted;
            if (row == _shown)
            {
                return;
            }

            _shown = row;
        }

        services.Run(resource.Name, () => services.Notifications.PublishUpdateAsync(resource, snapshot => Shown!.Show(snapshot)));
    }

    /// <summary>Shows how far a reload has come.</summary>
    public async Task ShowReloadAsync(string progress)
    {
        var rows = _group is null ? instances.All.Select(instance => (instance.Resource, instance.Id)) : [(resource, resource.Name)];
        foreach (var (shown, id) in rows)
        {
            await services.Notifications
                .PublishUpdateAsync(shown, id, snapshot => snapshot.With((PropertyNames.Reload, progress)))
                .ConfigureAwait(false);
        }
    }

    /// <summary>Shows a change of the number of replicas.</summary>
    /// <param name="before">How many there were.</param>
    /// <param name="after">How many there will be.</param>
    /// <param name="why">Why, for people.</param>
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
