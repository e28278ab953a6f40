using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>The members that nginx asks for an upstream at one moment.</summary>
/// <param name="Name">The name routes refer to.</param>
/// <param name="Scheme">http or https.</param>
/// <param name="Members">Addresses as nginx writes them: <c>unix:/path</c> or <c>host:port</c>. Empty when none can answer.</param>
internal sealed record NginxUpstream(string Name, string Scheme, ImmutableArray<string> Members)
{
    /// <summary>The members where nobody is meant to answer yet, such as replicas to scale up to.</summary>
    public ImmutableArray<string> Spares { get; init; } = [];
}
