using System.Net;
using System.Net.Sockets;

namespace TestSupport;

internal static class FreePort
{
    private const int Lowest = 10_000;
    private const int UsualStartOfEphemeralRange = 32_768;

    /// <summary>A port of this machine that nobody listens on, below those that outgoing connections get.</summary>
    public static int Pick()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(Lowest, UsualStartOfEphemeralRange));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // It is taken; another is tried.
            }
        }
    }
}
