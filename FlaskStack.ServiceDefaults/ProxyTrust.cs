using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FlaskStack.ServiceDefaults;

/// <summary>
/// Decides whose <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> are believed: that of a peer on a Unix socket, which only those can
/// reach whom the mode of its file admits, and that of the networks in <c>ForwardedHeaders:TrustedProxies</c> (addresses or CIDR ranges, as
/// a list or separated by commas; default none; gunicorn: <c>forwarded_allow_ips</c>).
/// </summary>
/// <remarks>A port of the loopback interface is not enough: every user of the machine can connect to it.</remarks>
internal static class ProxyTrust
{
    private const string NetworksKey = "ForwardedHeaders:TrustedProxies";

    // ASP.NET Core's own switch, ASPNETCORE_FORWARDEDHEADERS_ENABLED, as configuration knows it.
    private const string AnyProxyKey = "ForwardedHeaders_Enabled";

    /// <summary>Makes ASP.NET Core's own middleware, the first of the service, follow this rule.</summary>
    /// <exception cref="InvalidDataException">A network cannot be used.</exception>
    public static void AddProxyTrust(this IHostApplicationBuilder builder)
    {
        var networks = ReadNetworks(builder.Configuration.GetSection(NetworksKey));
        var isAnyTrusted = string.Equals(builder.Configuration[AnyProxyKey], "true", StringComparison.OrdinalIgnoreCase);
        builder.Configuration[AnyProxyKey] = "true";
        builder.Services.PostConfigure<ForwardedHeadersOptions>(options => Apply(options, networks, isAnyTrusted));
    }

    /// <summary>Sets the options: one hop is taken, the one that the proxy itself wrote.</summary>
    /// <param name="options">The options of the middleware.</param>
    /// <param name="networks">The trusted networks.</param>
    /// <param name="isAnyTrusted">
    /// Whether every peer is trusted, except for the host, as ASP.NET Core's switch does. Networks override it.
    /// </param>
    private static void Apply(ForwardedHeadersOptions options, List<System.Net.IPNetwork> networks, bool isAnyTrusted)
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        options.ForwardLimit = 1;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        if (isAnyTrusted && networks.Count == 0)
        {
            // Without a known proxy the middleware trusts every peer.
            return;
        }

        options.ForwardedHeaders |= ForwardedHeaders.XForwardedHost;
        // No peer has this address: the list is not empty, so that a peer must be in it. A Unix socket has no address to check.
        options.KnownProxies.Add(IPAddress.None);
        foreach (var network in networks)
        {
            options.KnownIPNetworks.Add(network);
        }
    }

    private static List<System.Net.IPNetwork> ReadNetworks(IConfigurationSection section)
    {
        var texts = section.Value is { } list
            ? list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : section.GetChildren().Select(child => child.Value ?? "");
        return [.. texts.Select(ReadNetwork)];
    }

    private static System.Net.IPNetwork ReadNetwork(string text)
    {
        if (System.Net.IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        // The parser takes 1.2.3 for 1.2.0.3; a typing error must not become a trusted address.
        return IPAddress.TryParse(text, out var address) && (text.Contains(':', StringComparison.Ordinal) || text.Count('.') == 3)
            ? new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw new InvalidDataException($"{NetworksKey} has '{text}': give an address (10.0.0.7) or a network (10.0.0.0/8).");
    }
}
