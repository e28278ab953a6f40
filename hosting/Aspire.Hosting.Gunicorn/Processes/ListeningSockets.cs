using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Gunicorn.Processes;

/// <summary>
/// The sockets on which an application listens. The AppHost keeps them while gunicorn's master is replaced: connections wait until the
/// next one accepts them.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ListeningSockets : IDisposable
{
    /// <summary>gunicorn's <c>backlog</c>.</summary>
    private const int Backlog = 2048;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly List<Socket> _sockets = [];
    private readonly List<string> _files = [];
    private readonly Socket _handover;

    private ListeningSockets(string socket, int port, string handover)
    {
        try
        {
            _sockets.Add(Listen(socket));
            _sockets.Add(Listen(new IPEndPoint(IPAddress.Loopback, port), ProtocolType.Tcp));
            _handover = Listen(handover);
            File.SetUnixFileMode(handover, OwnerOnly);
        }
        catch
        {
            Dispose();
            throw;
        }

        _ = HandOverAsync();
    }

    /// <summary>Listens at a Unix socket and a port, and gives both to each process that connects to a third socket.</summary>
    /// <exception cref="SocketException">The port is in use.</exception>
    /// <exception cref="IOException">The folder of the sockets cannot be written.</exception>
    public static ListeningSockets Open(string socket, int port, string handover) => new(socket, port, handover);

    public void Dispose()
    {
        foreach (var socket in _sockets.Append(_handover))
        {
            socket?.Dispose();
        }

        _files.ForEach(File.Delete);
    }

    private Socket Listen(string path)
    {
        File.Delete(path);
        _files.Add(path);
        return Listen(new UnixDomainSocketEndPoint(path), ProtocolType.Unspecified);
    }

    private static Socket Listen(EndPoint address, ProtocolType protocol)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, protocol);
        try
        {
            socket.Bind(address);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task HandOverAsync()
    {
        try
        {
            while (true)
            {
                using var connection = await _handover.AcceptAsync().ConfigureAwait(false);
                Pass(connection);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The application no longer listens.
        }
    }

    private void Pass(Socket connection)
    {
        try
        {
            Native.Pass(connection, _sockets);
        }
        catch (IOException)
        {
            // The process has ended, and the next one connects itself.
        }
    }
}
