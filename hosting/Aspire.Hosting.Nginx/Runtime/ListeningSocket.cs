using System.Net.Sockets;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Finds out whether a process takes connections at a Unix socket.</summary>
internal static class ListeningSocket
{
    /// <summary>Whether somebody listens there, however busy or hung.</summary>
    public static bool IsAt(string path)
    {
        // One that may not block: a process that hangs accepts nothing, and its queue may be full.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode is not (SocketError.ConnectionRefused or SocketError.AddressNotAvailable);
        }
    }
}
