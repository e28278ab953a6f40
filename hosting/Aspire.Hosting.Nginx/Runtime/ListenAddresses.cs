using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>The addresses an endpoint's target host stands for, as nginx writes them.</summary>
internal static class ListenAddresses
{
    /// <exception cref="DistributedApplicationException">The host is no address of this machine.</exception>
    public static ImmutableArray<string> For(string targetHost) => targetHost switch
    {
        "localhost" => HasAddress(IPAddress.IPv6Loopback) ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"],
        "*" or "+" or "0.0.0.0" or "::" or "[::]" => HasAddress(IPAddress.IPv6Any) ? ["*", "[::]"] : ["*"],
        _ when IPAddress.TryParse(targetHost.Trim('[', ']'), out var address) => [address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString()],
        _ => throw new DistributedApplicationException($"The endpoint's TargetHost is {targetHost}; nginx listens on localhost, on an IP address, or with * on all of them."),
    };

    public static IPAddress ToAddress(string listen) => listen == "*" ? IPAddress.Any : IPAddress.Parse(listen.Trim('[', ']'));

    private static bool HasAddress(IPAddress address)
    {
        if (!Socket.OSSupportsIPv6)
        {
            return false;
        }

        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = false };
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
