using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>The endpoints of a service at one moment.</summary>
public sealed class ServiceEndpointSource
{
    /// <summary>Makes a source.</summary>
    /// <param name="endpoints">The endpoints; <see langword="null"/> for none.</param>
    /// <param name="changeToken">Fires when the endpoints are out of date.</param>
    /// <param name="features">What providers attached to the whole.</param>
    /// <exception cref="ArgumentNullException"><paramref name="changeToken"/> or <paramref name="features"/> is <see langword="null"/>.</exception>
    public ServiceEndpointSource(List<ServiceEndpoint>? endpoints, IChangeToken changeToken, IFeatureCollection features)
    {
        ArgumentNullException.ThrowIfNull(changeToken);
        ArgumentNullException.ThrowIfNull(features);
        Endpoints = endpoints ?? [];
        ChangeToken = changeToken;
        Features = features;
    }

    /// <summary>Gets the endpoints, in the order of the configuration.</summary>
    public IReadOnlyList<ServiceEndpoint> Endpoints { get; }

    /// <summary>Gets the token that fires when the endpoints are out of date.</summary>
    public IChangeToken ChangeToken { get; }

    /// <summary>Gets what providers attached to the whole.</summary>
    public IFeatureCollection Features { get; }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Endpoints)}]";
}
