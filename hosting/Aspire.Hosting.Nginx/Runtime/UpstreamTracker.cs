using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Follows the instances of the resources behind nginx, and where each of them answers.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UpstreamTracker : IDisposable
{
    /// <summary>Who has not listened by then is not waited for; it joins by a reload.</summary>
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>How long instances of an upstream that nginx waits for may take to be seen for the first time: on a busy machine their rows come late.</summary>
    private static readonly TimeSpan FirstLimit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan SettlePause = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<string, MemberName> _names = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Upstream, string ResourceId), Instance> _instances = new();
    private readonly ConcurrentDictionary<string, FileSystemWatcher?> _folders = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Upstream> _upstreams;
    private readonly WorkerAccess _workers;
    private readonly Action _changed;
    private readonly TimeProvider _timeProvider;
    private readonly HealthProbe? _health;
    private readonly CancellationTokenSource _ending = new();

    /// <param name="sources">The resources behind nginx.</param>
    /// <param name="model">The resources of the application.</param>
    /// <param name="workers">What nginx's workers need to connect to a socket.</param>
    /// <param name="changed">Is called when the members may be others than before.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="health">Asks the health checks of an instance; null where their rows are all there is.</param>
    /// <exception cref="DistributedApplicationException">A resource has no such endpoint.</exception>
    public UpstreamTracker(
        IEnumerable<UpstreamSource> sources,
        IEnumerable<IResource> model,
        WorkerAccess workers,
        Action changed,
        TimeProvider timeProvider,
        HealthProbe? health = null)
    {
        _upstreams = [.. sources.SelectMany(source => source.InstancesIn(model).Select(resource => new Upstream(source.Name, resource, source.EndpointOf(resource))))];
        (_workers, _changed, _timeProvider, _health) = (workers, changed, timeProvider, health);
    }

    /// <summary>Takes in what a row has become.</summary>
    public async Task UpdateAsync(ResourceEvent change)
    {
        foreach (var upstream in _upstreams.Where(upstream => upstream.Resource == change.Resource && !change.Snapshot.IsHidden))
        {
            var instance = _instances.GetOrAdd((upstream.Name, change.ResourceId), _ => NewInstance(upstream, change.ResourceId));
            var candidates = InstanceAddresses.Read(change.Snapshot, upstream.Resource, upstream.Endpoint);
            WatchFolders(candidates);
            await instance.UpdateAsync(change.Snapshot, candidates, _ending.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Waits a moment for instances that run already to be seen, and longer for all those of each upstream that nginx waits for.</summary>
    /// <param name="isAwaited">Whether nginx starts only when a resource is there.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task SettleAsync(Predicate<IResource> isAwaited, CancellationToken cancellationToken)
    {
        var awaited = _upstreams.GroupBy(static upstream => upstream.Name)
            .Where(upstreams => upstreams.Any(upstream => isAwaited(upstream.Resource)))
            .ToDictionary(static upstreams => upstreams.Key, static upstreams => upstreams.Sum(upstream => InstancesAtStart(upstream.Resource)));
        var start = _timeProvider.GetTimestamp();
        while (!IsSettled(awaited, _timeProvider.GetElapsedTime(start)))
        {
            await Task.Delay(SettlePause, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool IsSettled(Dictionary<string, int> awaited, TimeSpan elapsed)
    {
        var instances = _instances.Values;
        var areSeen = instances.All(static instance => instance.Probe.IsCompleted);
        var areThere = awaited.All(upstream => instances.Where(instance => instance.Upstream == upstream.Key).ToArray() is var own
            && own.Any(static instance => instance.IsMember)
            && own.Count(static instance => instance.HasListened) >= upstream.Value);
        return (areSeen && areThere) || elapsed >= (areThere ? SettleLimit : FirstLimit);
    }

    /// <summary>How many instances a resource starts with.</summary>
    private static int InstancesAtStart(IResource resource) => resource.Annotations.OfType<ExplicitStartupAnnotation>().Any()
        ? 0
        : resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    /// <summary>The instance that has, or last had, this address; null for another's.</summary>
    public MemberName? NameOf(string address) => _names.GetValueOrDefault(address);

    public ImmutableArray<NginxUpstream> Current()
    {
        var instances = _instances.Values.ToLookup(static instance => instance.Upstream);
        return [.. _upstreams.DistinctBy(static upstream => upstream.Name).Select(upstream =>
            new NginxUpstream(upstream.Name, upstream.Endpoint.UriScheme, AddressesOf(instances[upstream.Name])))];
    }

    /// <summary>An address of two instances belongs to the one that runs, which comes last.</summary>
    private ImmutableArray<string> AddressesOf(IEnumerable<Instance> instances) =>
        [.. MembersOf(instances).OrderBy(static instance => instance.IsRunning).Select(AddressOf).Distinct()];

    /// <summary>Where no instance answers its health check in time, the machine is busier than they are ill: they stay.</summary>
    private static IEnumerable<Instance> MembersOf(IEnumerable<Instance> instances) =>
        instances.Any(static instance => instance.IsMember)
            ? instances.Where(static instance => instance.IsMember)
            : instances.Where(static instance => instance is { IsSilent: true, Address: not null });

    public void Dispose()
    {
        _ending.Cancel();
        foreach (var folder in _folders.Values)
        {
            folder?.Dispose();
        }
    }

    private string AddressOf(Instance instance)
    {
        var address = instance.Address!.ToString();
        _names[address] = new(instance.Upstream, instance.ResourceId);
        return address;
    }

    private Instance NewInstance(Upstream upstream, string resourceId)
    {
        // Aspire asks one of several replicas, through its proxy, and writes the answer into the rows of all.
        var hasOwnHealth = upstream.Resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault() is not { Replicas: > 1 };
        return new(resourceId, upstream.Name, hasOwnHealth, ProbeOf(upstream.Resource), _workers, _changed, _timeProvider);
    }

    private Func<Func<ProbeResult, Task>, CancellationToken, Task>? ProbeOf(IResource resource) => _health is null || !HealthProbe.CanAsk(resource) ? null
        : async (report, cancellationToken) =>
        {
            try
            {
                await _health.RunAsync(resource, report, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The instance has ended.
            }
        };

    /// <summary>A process that is restarted by others than Aspire makes its socket anew, which no row tells.</summary>
    private void WatchFolders(IReadOnlyList<InstanceAddress> candidates)
    {
        foreach (var folder in _workers.AreOthers ? candidates.Select(static candidate => Path.GetDirectoryName(candidate.SocketPath)).OfType<string>() : [])
        {
            if (!_folders.ContainsKey(folder) && Directory.Exists(folder))
            {
                _folders[folder] = Watch(folder);
            }
        }
    }

    /// <returns>Null where the system has no more watches to give: then rows alone tell of a start.</returns>
    private FileSystemWatcher? Watch(string folder)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName };
            watcher.Created += (_, made) => LookAgain(made.FullPath);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            _workers.NotWatched(folder, exception.Message);
            return null;
        }
    }

    private void LookAgain(string path)
    {
        foreach (var instance in _instances.Values.Where(instance => instance.MayListenAt(path)))
        {
            instance.LookAgain(_ending.Token);
        }
    }

    private sealed record Upstream(string Name, IResource Resource, EndpointAnnotation Endpoint);
}
