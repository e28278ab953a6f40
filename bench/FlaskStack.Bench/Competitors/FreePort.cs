using System.Net;
using System.Net.Sockets;

namespace FlaskStack.Bench.Competitors;

/// <summary>Finds ports that nobody listens at.</summary>
internal static class FreePort
{
    /// <summary>A free port, picked by the kernel.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
