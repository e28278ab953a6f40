using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Follows which rows of the resources behind nginx can answer.</summary>
internal sealed class UpstreamMembership
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, MemberName> _names = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Upstream> _upstreams;

    public UpstreamMembership(IEnumerable<UpstreamSource> sources) =>
        _upstreams = [.. sources.Select(source => new Upstream(source.Name, source.Resource, source.ResolveEndpoint()))];

    /// <summary>Takes in what a row has become.</summary>
    /// <returns>The addresses that became members, and whether anything changed.</returns>
    public (bool Changed, ImmutableArray<string> Joined) Update(ResourceEvent change)
    {
        var changed = false;
        var joined = ImmutableArray<string>.Empty;
        lock (_lock)
        {
            foreach (var upstream in _upstreams.Where(upstream => upstream.Resource == change.Resource))
            {
                var before = upstream.Members.GetValueOrDefault(change.ResourceId);
                var after = MemberAddress.Of(change.Snapshot, upstream.Endpoint.Name);
                if (before == after)
                {
                    continue;
                }

                changed = true;
                if (after is null)
                {
                    upstream.Members.Remove(change.ResourceId);
                }
                else
                {
                    upstream.Members[change.ResourceId] = after;
                    _names[after] = new(upstream.Name, change.ResourceId);
                    joined = joined.Add(after);
                }
            }
        }

        return (changed, joined);
    }

    /// <summary>Whose address it is or was, or null.</summary>
    public MemberName? NameOf(string address) => _names.GetValueOrDefault(address);

    public ImmutableArray<NginxUpstream> Current()
    {
        lock (_lock)
        {
            return [.. _upstreams.Select(upstream => new NginxUpstream(upstream.Name, upstream.Endpoint.UriScheme, [.. upstream.Members.Values.Distinct()]))];
        }
    }

    private sealed record Upstream(string Name, IResource Resource, EndpointAnnotation Endpoint)
    {
        public Dictionary<string, string> Members { get; } = [];
    }
}
