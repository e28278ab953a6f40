using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace FlaskStack.Api.Configuration;

/// <summary>Decides which peers' X-Forwarded headers are trusted.</summary>
internal static class ProxyTrust
{
    // ASP.NET Core's own switch, ASPNETCORE_FORWARDEDHEADERS_ENABLED, as configuration knows it.
    private const string AnyProxyKey = "ForwardedHeaders_Enabled";

    /// <summary>
    /// Reads ASP.NET Core's switch <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c>, which trusts every peer, and turns it off.
    /// </summary>
    /// <remarks>Its middleware would use up the last hop, and that of this service would trust one that the client wrote.</remarks>
    /// <param name="configuration">The configuration of the host, in which the switch is turned off.</param>
    public static bool TakeOverSwitch(IConfiguration configuration)
    {
        var isOn = string.Equals(configuration[AnyProxyKey], "true", StringComparison.OrdinalIgnoreCase);
        configuration[AnyProxyKey] = "false";
        return isOn;
    }

    /// <summary>
    /// The options that trust loopback, the networks of <see cref="ApiOptions.TrustedProxies"/>, and any peer on a Unix socket.
    /// </summary>
    /// <remarks>The middleware checks addresses only, and a Unix socket has none; the mode of its file decides who may connect.</remarks>
    /// <param name="options">The settings of the service.</param>
    /// <param name="anyProxy">
    /// Whether every peer is trusted, except for the host, as ASP.NET Core's switch does. <see cref="ApiOptions.TrustedProxies"/> override
    /// it.
    /// </param>
    /// <returns>Options that take one hop, the one the proxy itself appended.</returns>
    public static ForwardedHeadersOptions Options(ApiOptions options, bool anyProxy)
    {
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = 1,
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        if (anyProxy && options.TrustedProxies.Count == 0)
        {
            // Without a known network every peer is trusted.
            forwarded.ForwardedHeaders &= ~ForwardedHeaders.XForwardedHost;
            return forwarded;
        }

        forwarded.KnownIPNetworks.Add(new System.Net.IPNetwork(IPAddress.Parse("127.0.0.0"), 8));
        forwarded.KnownIPNetworks.Add(new System.Net.IPNetwork(IPAddress.IPv6Loopback, 128));
        foreach (var network in options.TrustedProxies)
        {
            forwarded.KnownIPNetworks.Add(network);
        }

        return forwarded;
    }
}

/// <summary>Configures Kestrel behind a reverse proxy.</summary>
internal static class KestrelSetup
{
    /// <summary>Applies the settings.</summary>
    public static void Apply(KestrelServerOptions kestrel, ApiOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.KeepAliveTimeout = options.KeepAlive;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        // A proxy sends a body at full speed; the grace leaves room for a machine that is busy for a moment.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
    }
}
