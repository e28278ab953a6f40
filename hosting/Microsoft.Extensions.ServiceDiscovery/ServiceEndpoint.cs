using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.ServiceDiscovery.Resolution;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>One place where a service listens.</summary>
public abstract class ServiceEndpoint
{
    /// <summary>Gets the address: a <see cref="UriEndPoint"/>, <see cref="DnsEndPoint"/> or <see cref="IPEndPoint"/>.</summary>
    public abstract EndPoint EndPoint { get; }

    /// <summary>Gets what providers attached to the endpoint.</summary>
    public abstract IFeatureCollection Features { get; }

    /// <summary>Makes an endpoint.</summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="features">What is attached to it; an empty collection by default.</param>
    /// <returns>The endpoint.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="endPoint"/> is <see langword="null"/>.</exception>
    public static ServiceEndpoint Create(EndPoint endPoint, IFeatureCollection? features = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return new ResolvedEndpoint(endPoint, features ?? new FeatureCollection());
    }

    /// <summary>Reads an endpoint from text.</summary>
    /// <param name="value">A URI, or a host name or IP address with an optional port.</param>
    /// <param name="serviceEndpoint">The endpoint.</param>
    /// <returns>Whether the text is an endpoint.</returns>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out ServiceEndpoint? serviceEndpoint)
    {
        serviceEndpoint = ServiceUri.TryParse(value, out var uri, out var hasScheme)
            ? Create(hasScheme ? new UriEndPoint(uri) : ServiceUri.HostEndPoint(uri.Host, uri.Port))
            : null;
        return serviceEndpoint is not null;
    }
}
