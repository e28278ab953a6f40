using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace Microsoft.Extensions.ServiceDiscovery.Resolution;

/// <summary>An endpoint with its features.</summary>
/// <param name="endPoint">The address.</param>
/// <param name="features">What is attached to it.</param>
internal sealed class ResolvedEndpoint(EndPoint endPoint, IFeatureCollection features) : ServiceEndpoint
{
    /// <inheritdoc/>
    public override EndPoint EndPoint => endPoint;

    /// <inheritdoc/>
    public override IFeatureCollection Features => features;

    /// <inheritdoc/>
    public override string? ToString() => endPoint switch
    {
        IPEndPoint { Port: 0 } ip => ip.Address.ToString(),
        DnsEndPoint { Port: 0 } dns => dns.Host,
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        _ => endPoint.ToString(),
    };
}
