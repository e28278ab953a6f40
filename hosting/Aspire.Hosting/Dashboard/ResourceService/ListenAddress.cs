using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>Turns the configured address into one to listen on, and the taken one into one to call.</summary>
internal static class ListenAddress
{
    private const string Setting = "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL";

    /// <exception cref="DistributedApplicationException">The address is not one that can be listened on.</exception>
    public static IPEndPoint Parse(Uri? url)
    {
        if (url is null)
        {
            return new IPEndPoint(IPAddress.Loopback, 0);
        }

        if (!url.IsAbsoluteUri || url.Scheme != Uri.UriSchemeHttp)
        {
            throw new DistributedApplicationException($"{Setting} is '{url}', but the resource service speaks HTTP/2 without TLS: give it an http:// address, such as http://127.0.0.1:0.");
        }

        if (IPAddress.TryParse(url.IdnHost, out var address))
        {
            return new IPEndPoint(address, url.Port);
        }

        return IsLocalhost(url.IdnHost)
            ? new IPEndPoint(IPAddress.Loopback, url.Port)
            : throw new DistributedApplicationException($"{Setting} is '{url}', whose host is neither 'localhost' nor an IP address: give it one of these.");
    }

    /// <summary>The address for a caller on this machine.</summary>
    public static Uri ToUrl(IPEndPoint taken)
    {
        var any = taken.Address.Equals(IPAddress.Any) || taken.Address.Equals(IPAddress.IPv6Any);
        var loopback = taken.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        return new UriBuilder(Uri.UriSchemeHttp, new IPEndPoint(any ? loopback : taken.Address, 0).Address.ToString(), taken.Port).Uri;
    }

    private static bool IsLocalhost(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
