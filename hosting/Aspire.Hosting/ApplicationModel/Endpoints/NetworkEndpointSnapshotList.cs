using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The addresses of one endpoint, one per network. Safe for use from several threads.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "The name is Aspire's.")]
public class NetworkEndpointSnapshotList : IEnumerable<NetworkEndpointSnapshot>
{
    private readonly ConcurrentDictionary<NetworkIdentifier, NetworkEndpointSnapshot> _snapshots = new();

    /// <summary>Sets the address on a network, and wakes whoever waits for it.</summary>
    /// <param name="networkId">The network.</param>
    /// <param name="endpoint">The address; its network must be <paramref name="networkId"/>.</param>
    /// <exception cref="ArgumentException">The address belongs to another network.</exception>
    public void AddOrUpdateAllocatedEndpoint(NetworkIdentifier networkId, AllocatedEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(networkId);
        ArgumentNullException.ThrowIfNull(endpoint);

        if (endpoint.NetworkID != networkId)
        {
            throw new ArgumentException($"The endpoint '{endpoint.Endpoint.Name}' is allocated on network '{endpoint.NetworkID.Value}', not on '{networkId.Value}'.", nameof(endpoint));
        }

        SnapshotFor(networkId).SetValue(endpoint);
    }

    /// <summary>Waits until the endpoint has an address on a network.</summary>
    /// <param name="networkId">The network.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AllocatedEndpoint> GetAllocatedEndpointAsync(NetworkIdentifier networkId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(networkId);

        return SnapshotFor(networkId).GetValueAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public IEnumerator<NetworkEndpointSnapshot> GetEnumerator() => _snapshots.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal ValueSnapshot<AllocatedEndpoint> SnapshotFor(NetworkIdentifier networkId) =>
        _snapshots.GetOrAdd(networkId, static id => new NetworkEndpointSnapshot(new ValueSnapshot<AllocatedEndpoint>(), id)).Snapshot;

    internal bool TryGetAllocatedEndpoint(NetworkIdentifier networkId, [NotNullWhen(true)] out AllocatedEndpoint? endpoint)
    {
        endpoint = null;
        if (!_snapshots.TryGetValue(networkId, out var entry) || !entry.Snapshot.IsValueSet)
        {
            return false;
        }

        var known = entry.Snapshot.GetValueAsync();
        endpoint = known.IsCompletedSuccessfully ? known.Result : null;
        return endpoint is not null;
    }
}
