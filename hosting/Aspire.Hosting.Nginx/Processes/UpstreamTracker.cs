using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>Follows the instances of the resources behind nginx, and knows which of them are members of their upstreams.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UpstreamTracker : IDisposable
{
    /// <summary>How long a start waits for the addresses of instances that run already. Others join by a reload.</summary>
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>The same for instances that nginx waits for: on a busy machine their snapshots come late.</summary>
    private static readonly TimeSpan AwaitedLimit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan SettlePause = TimeSpan.FromMilliseconds(10);

    /// <summary>How often the name of a service outside the application is looked up again.</summary>
    private static readonly TimeSpan LookUpInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, MemberName> _names = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FileSystemWatcher?> _folders = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Followed> _followed;
    private readonly ImmutableArray<ExternalSource> _externals;
    private readonly WorkerAccess _workers;
    private readonly Action _changed;
    private readonly TimeProvider _timeProvider;
    private readonly HealthProbe? _health;
    private readonly CancellationTokenSource _ending = new();
    private ImmutableArray<NginxUpstream> _externalUpstreams = [];

    /// <param name="sources">The resources behind nginx.</param>
    /// <param name="model">The resources of the application.</param>
    /// <param name="workers">What nginx's workers may connect to.</param>
    /// <param name="changed">Called when the members may be others than before.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="health">Runs the health checks of an instance; null where only snapshots show its health.</param>
    /// <param name="externals">The services outside the application; null for none.</param>
    /// <exception cref="DistributedApplicationException">A resource has no such endpoint.</exception>
    public UpstreamTracker(
        IEnumerable<UpstreamSource> sources,
        IEnumerable<IResource> model,
        WorkerAccess workers,
        Action changed,
        TimeProvider timeProvider,
        HealthProbe? health = null,
        IEnumerable<ExternalSource>? externals = null)
    {
        _followed =
        [
            .. sources.SelectMany(source => source.InstancesIn(model)
                .Select(resource => new Followed(source, resource, source.EndpointOf(resource)))),
        ];
        _externals = [.. externals ?? []];
        (_workers, _changed, _timeProvider, _health) = (workers, changed, timeProvider, health);
    }

    /// <summary>
    /// The address at which an nginx in a container reaches an endpoint, or null as long as there is none; null where nginx is a process,
    /// which reaches the instances themselves.
    /// </summary>
    public Func<IResource, EndpointAnnotation, string?>? AddressOf { get; init; }

    /// <summary>Follows a change of a resource's snapshot.</summary>
    public async Task UpdateAsync(ResourceEvent change)
    {
        foreach (var followed in _followed.Where(followed => followed.Resource == change.Resource && !change.Snapshot.IsHidden))
        {
            var candidates = InstanceAddresses.Read(change.Snapshot, followed.Resource, followed.Endpoint);
            WatchFolders(candidates);
            await followed.Instances
                .GetOrAdd(change.ResourceId, id => new(followed.Resource, id, _workers, _changed, _health, _timeProvider))
                .UpdateAsync(change.Snapshot, candidates, _ending.Token)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the instances that run have their addresses, and those that nginx waits for are members.</summary>
    /// <param name="isAwaited">Whether nginx waits for a resource.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task SettleAsync(Predicate<IResource> isAwaited, CancellationToken cancellationToken)
    {
        var awaited = Upstreams().Where(upstream => upstream.Any(followed => isAwaited(followed.Resource))).ToArray();
        var start = _timeProvider.GetTimestamp();
        while (!IsSettled(awaited, _timeProvider.GetElapsedTime(start)))
        {
            await Task.Delay(SettlePause, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The instance that has, or last had, this address; null if none had.</summary>
    public MemberName? NameOf(string address) => _names.GetValueOrDefault(address);

    /// <summary>The upstreams with the members they have now.</summary>
    public ImmutableArray<NginxUpstream> Current() =>
    [
        .. Upstreams().Select(upstream => new NginxUpstream(
            upstream.Key, upstream.First().Endpoint.UriScheme, MembersOf(upstream.Key, [.. upstream]))
        {
            IsHttp2 = UpstreamSource.IsHttp2(upstream.First().Endpoint),
            IsShared = upstream.SelectMany(Instances).Any(static instance => instance.IsShared)
                || (AddressOf is not null && upstream.Any(static followed => followed.Instances.Count > 1)),
        }),
        .. _externalUpstreams,
    ];

    /// <summary>Looks up the names of services outside the application.</summary>
    public async Task LookUpExternalsAsync(CancellationToken cancellationToken) => _externalUpstreams =
        [.. await Task.WhenAll(_externals.Select(source => source.ResolveAsync(cancellationToken))).ConfigureAwait(false)];

    /// <summary>Looks the names up again and again.</summary>
    public async Task FollowExternalsAsync(CancellationToken cancellationToken)
    {
        while (!_externals.IsEmpty)
        {
            await Task.Delay(LookUpInterval, _timeProvider, cancellationToken).ConfigureAwait(false);
            await LookUpExternalsAsync(cancellationToken).ConfigureAwait(false);
            _changed();
        }
    }

    public void Dispose()
    {
        _ending.Cancel();
        foreach (var folder in _folders.Values)
        {
            folder?.Dispose();
        }
    }

    private IEnumerable<IGrouping<string, Followed>> Upstreams() => _followed.GroupBy(static followed => followed.Source.Name);

    private static IEnumerable<Instance> Instances(Followed followed) => followed.Instances.Values;

    private bool IsSettled(IReadOnlyCollection<IEnumerable<Followed>> awaited, TimeSpan elapsed)
    {
        var haveAddresses = _followed.SelectMany(Instances).All(static instance => instance.IsSettled);
        var areThere = awaited.All(static upstream =>
            upstream.SelectMany(Instances).Any(static instance => instance.IsMember)
            && upstream.SelectMany(Instances).Count(static instance => instance.HasListened) >= upstream.Sum(InstancesAtStart));
        return (haveAddresses && areThere) || elapsed >= (areThere ? SettleLimit : AwaitedLimit);
    }

    private static int InstancesAtStart(Followed followed) => followed.Resource.Annotations.OfType<ExplicitStartupAnnotation>().Any()
        ? 0
        : followed.Resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    private ImmutableArray<string> MembersOf(string upstream, Followed[] followed)
    {
        // Where no instance answers its health check in time, it is the machine that is busy: they stay.
        var hasMembers = followed.SelectMany(Instances).Any(static instance => instance.IsMember);
        var members = followed
            .SelectMany(static followed => Instances(followed).Select(instance => (Followed: followed, Instance: instance)))
            .Where(member => hasMembers ? member.Instance.IsMember : member.Instance is { IsSilent: true, Address: not null });

        // Where two instances have one address, it is the running one's, which comes last.
        return
        [
            .. members.OrderBy(static member => member.Instance.IsRunning)
                .Select(member => NamedAddress(upstream, member.Followed, member.Instance))
                .OfType<string>()
                .Distinct(),
        ];
    }

    private string? NamedAddress(string upstream, Followed followed, Instance instance)
    {
        var address = AddressOf is null ? instance.Address!.ToString() : AddressOf(followed.Resource, followed.Endpoint);
        if (address is not null)
        {
            _names[address] = new(upstream, instance.ResourceId);
        }

        return address;
    }

    /// <summary>Watches for sockets that are replaced without a change of a snapshot: a program may restart its own processes.</summary>
    private void WatchFolders(IReadOnlyList<InstanceAddress> candidates)
    {
        if (_workers.User is null)
        {
            return;
        }

        foreach (var folder in candidates.Select(static candidate => Path.GetDirectoryName(candidate.SocketPath)).OfType<string>())
        {
            if (!_folders.ContainsKey(folder) && Directory.Exists(folder))
            {
                _folders[folder] = Watch(folder);
            }
        }
    }

    /// <returns>Null where the system has no more watches; then only snapshots show that an instance has started.</returns>
    private FileSystemWatcher? Watch(string folder)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName };
            watcher.Created += (_, created) => OnSocketCreated(created.FullPath);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            _workers.LogNotWatched(folder, exception.Message);
            return null;
        }
    }

    private void OnSocketCreated(string path)
    {
        foreach (var instance in _followed.SelectMany(Instances))
        {
            instance.OnSocketCreated(path, _ending.Token);
        }
    }

    /// <summary>A resource whose snapshots are instances of an upstream.</summary>
    private sealed record Followed(UpstreamSource Source, IResource Resource, EndpointAnnotation Endpoint)
    {
        /// <summary>The instances by the ids of their snapshots.</summary>
        public ConcurrentDictionary<string, Instance> Instances { get; } = new(StringComparer.Ordinal);
    }
}
