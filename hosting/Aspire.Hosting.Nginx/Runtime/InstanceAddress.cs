using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>An address where an instance may answer: a Unix socket or a TCP port.</summary>
internal sealed record InstanceAddress
{
    /// <summary>A local listener answers at once; what takes longer has a full queue.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromMilliseconds(250);

    private InstanceAddress(string? socketPath, IPEndPoint? endPoint) => (SocketPath, EndPoint) = (socketPath, endPoint);

    /// <summary>The path of the Unix socket; null for a port.</summary>
    public string? SocketPath { get; }

    public IPEndPoint? EndPoint { get; }

    public static InstanceAddress Unix(string path) => new(path, null);

    public static InstanceAddress Tcp(IPAddress address, int port) => new(null, new(address, port));

    /// <summary>Whether somebody listens there, however busy or hung.</summary>
    public async ValueTask<bool> IsListeningAsync(CancellationToken cancellationToken) =>
        EndPoint is null ? IsSocketListening() : await IsPortListeningAsync(EndPoint, cancellationToken).ConfigureAwait(false);

    /// <summary>The address as nginx writes it.</summary>
    public override string ToString() => SocketPath is null ? EndPoint!.ToString() : $"unix:{SocketPath}";

    private bool IsSocketListening()
    {
        // It must not block: a process that hangs accepts nothing, and its queue may be full.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath!));
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.WouldBlock;
        }
        catch (ArgumentOutOfRangeException)
        {
            // The path is longer than a socket's may be: nobody can listen there.
            return false;
        }
    }

    private static async ValueTask<bool> IsPortListeningAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectLimit);
        try
        {
            await socket.ConnectAsync(endPoint, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return IPAddress.IsLoopback(endPoint.Address);
        }
    }
}
