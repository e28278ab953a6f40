using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace FlaskStack.Api.Configuration;

/// <summary>Whose X-Forwarded headers are believed.</summary>
internal static class ProxyTrust
{
    /// <summary>
    /// The peer on loopback, the networks of <see cref="ApiOptions.TrustedProxies"/>, and any peer on a Unix socket, which has no
    /// address: the middleware checks addresses only, and who may open the socket is decided by its file.
    /// </summary>
    /// <param name="options">The settings of the service.</param>
    /// <returns>Options that take one hop, the one the proxy itself appended.</returns>
    public static ForwardedHeadersOptions Options(ApiOptions options)
    {
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = 1,
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownIPNetworks.Add(new System.Net.IPNetwork(IPAddress.Parse("127.0.0.0"), 8));
        forwarded.KnownIPNetworks.Add(new System.Net.IPNetwork(IPAddress.IPv6Loopback, 128));
        foreach (var network in options.TrustedProxies)
        {
            forwarded.KnownIPNetworks.Add(network);
        }

        return forwarded;
    }
}
