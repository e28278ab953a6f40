using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>An address where an instance may answer: a Unix socket or a TCP port.</summary>
internal sealed record InstanceAddress
{
    /// <summary>For listeners on other machines.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>The kernel answers a connection to this machine at once; where it does not, the listener's queue is full.</summary>
    private static readonly TimeSpan LocalLimit = TimeSpan.FromMilliseconds(50);

    private InstanceAddress(string? socketPath, IPEndPoint? endPoint) => (SocketPath, EndPoint) = (socketPath, endPoint);

    /// <summary>The path of the Unix socket; null for a port.</summary>
    public string? SocketPath { get; }

    public IPEndPoint? EndPoint { get; }

    public static InstanceAddress Unix(string path) => new(path, null);

    public static InstanceAddress Tcp(IPAddress address, int port) => new(null, new(address, port));

    /// <summary>Whether somebody listens there, however busy or hung.</summary>
    public async ValueTask<bool> IsListeningAsync(CancellationToken cancellationToken) => EndPoint switch
    {
        null => IsListeningHere(AddressFamily.Unix, SocketPath!),
        { } own when IPAddress.IsLoopback(own.Address) => IsListeningHere(own.AddressFamily, null),
        { } remote => await IsListeningElsewhereAsync(remote, cancellationToken).ConfigureAwait(false),
    };

    /// <summary>The address as nginx writes it.</summary>
    public override string ToString() => SocketPath is null ? EndPoint!.ToString() : $"unix:{SocketPath}";

    /// <remarks>Asked without waiting for a thread: on a busy machine that would take longer than any limit, and look like a full queue.</remarks>
    private bool IsListeningHere(AddressFamily family, string? path)
    {
        using var socket = new Socket(family, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(path is null ? EndPoint! : new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // A Unix socket says so when its queue is full, a port while the kernel connects.
            return path is not null || !socket.Poll(LocalLimit, SelectMode.SelectWrite)
                || socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is 0;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentOutOfRangeException)
        {
            // Nobody listens, or the path is longer than a socket's may be.
            return false;
        }
    }

    private static async ValueTask<bool> IsListeningElsewhereAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectLimit);
        try
        {
            await socket.ConnectAsync(endPoint, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
