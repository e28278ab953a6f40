using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Follows which rows of the resources behind nginx are its members, and which of them answer.</summary>
internal sealed class UpstreamMembership
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, MemberName> _names = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Upstream> _upstreams;
    private readonly Predicate<string> _isListening;

    /// <param name="sources">The resources behind nginx.</param>
    /// <param name="isListening">Whether somebody listens at the path of a Unix socket.</param>
    public UpstreamMembership(IEnumerable<UpstreamSource> sources, Predicate<string> isListening) =>
        (_upstreams, _isListening) = ([.. sources.Select(source => new Upstream(source.Name, source.Resource, source.ResolveEndpoint()))], isListening);

    /// <summary>Takes in what a row has become.</summary>
    public MembershipChange Update(ResourceEvent change)
    {
        lock (_lock)
        {
            return _upstreams
                .Where(upstream => upstream.Resource == change.Resource)
                .Select(upstream => Update(upstream, change))
                .Aggregate(MembershipChange.None, static (all, one) => all.And(one));
        }
    }

    /// <summary>Whose address it is or was, or null.</summary>
    public MemberName? NameOf(string address) => _names.GetValueOrDefault(address);

    public ImmutableArray<NginxUpstream> Current()
    {
        lock (_lock)
        {
            return [.. _upstreams.Select(upstream => new NginxUpstream(upstream.Name, upstream.Endpoint.UriScheme, upstream.Members) { Spares = upstream.Spares })];
        }
    }

    private MembershipChange Update(Upstream upstream, ResourceEvent change)
    {
        var before = upstream.Rows.GetValueOrDefault(change.ResourceId, MemberRow.Unknown);
        var after = before.Next(change.Snapshot, upstream.Endpoint.Name, _isListening);
        if (before == after)
        {
            return MembershipChange.None;
        }

        upstream.Rows[change.ResourceId] = after;
        if (after.Address is { } address)
        {
            _names[address] = new(upstream.Name, change.ResourceId, after.IsSpare);
        }

        var members = before.IsMember != after.IsMember || (after.IsMember && before.Address != after.Address);
        var begins = after.IsServing && (!before.IsServing || before.Address != after.Address);
        return new(members, begins && after.Address is not null ? [after.Address] : []);
    }

    private sealed record Upstream(string Name, IResource Resource, EndpointAnnotation Endpoint)
    {
        public Dictionary<string, MemberRow> Rows { get; } = [];

        public ImmutableArray<string> Members => [.. Rows.Values.Where(row => row.IsMember).Select(row => row.Address!).Distinct()];

        public ImmutableArray<string> Spares => [.. Rows.Values.Where(row => row.IsMember && row.IsSpare).Select(row => row.Address!).Distinct()];
    }
}
