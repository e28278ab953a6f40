using System.Net;

namespace Microsoft.Extensions.ServiceDiscovery.Http;

/// <summary>Puts the address of an endpoint into the URI of a request.</summary>
internal static class EndpointUri
{
    /// <summary>Makes the URI to request.</summary>
    /// <param name="uri">The URI that names the service.</param>
    /// <param name="endPoint">Where the service listens.</param>
    /// <param name="options">Which schemes are allowed.</param>
    /// <returns>The URI; path and query stay, behind the endpoint's own path if it has one.</returns>
    /// <exception cref="InvalidOperationException">The scheme is not allowed, or the kind of endpoint is not known.</exception>
    public static Uri Apply(Uri uri, EndPoint endPoint, ServiceDiscoveryOptions options) => endPoint switch
    {
        UriEndPoint target => ApplyUri(uri, target.Uri),
        IPEndPoint target => ApplyHost(uri, target.Address.ToString(), target.Port, options),
        DnsEndPoint target => ApplyHost(uri, target.Host, target.Port, options),
        _ => throw new InvalidOperationException($"A request cannot go to an endpoint of the kind {endPoint.GetType().Name}."),
    };

    private static Uri ApplyUri(Uri uri, Uri target)
    {
        var result = new UriBuilder(uri) { Scheme = target.Scheme, Host = target.Host, Port = target.Port };
        if (target.AbsolutePath.Length > 1)
        {
            result.Path = $"{target.AbsolutePath.TrimEnd('/')}/{uri.AbsolutePath.TrimStart('/')}";
        }

        return result.Uri;
    }

    private static Uri ApplyHost(Uri uri, string host, int port, ServiceDiscoveryOptions options)
    {
        var result = new UriBuilder(uri) { Host = host };
        if (uri.Scheme.Contains('+', StringComparison.Ordinal))
        {
            // The address does not say which scheme it speaks: the preferred one counts.
            result.Scheme = uri.Scheme[..uri.Scheme.IndexOf('+', StringComparison.Ordinal)];
            if (!options.Allows(result.Scheme))
            {
                throw new InvalidOperationException($"The scheme '{result.Scheme}' of {uri} is not allowed (ServiceDiscoveryOptions.AllowedSchemes).");
            }
        }

        if (port > 0)
        {
            result.Port = port;
        }

        return result.Uri;
    }
}
