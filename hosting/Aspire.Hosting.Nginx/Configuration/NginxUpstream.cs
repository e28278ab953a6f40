using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>The members that nginx asks for an upstream at one moment.</summary>
/// <param name="Name">The name routes refer to.</param>
/// <param name="Scheme">http or https.</param>
/// <param name="Members">Addresses as nginx writes them: <c>unix:/path</c> or <c>host:port</c>. Empty when none can answer.</param>
internal sealed record NginxUpstream(string Name, string Scheme, ImmutableArray<string> Members)
{
    /// <summary>The host that members are asked for; null for the one that the client wrote.</summary>
    public string? Host { get; init; }
}
