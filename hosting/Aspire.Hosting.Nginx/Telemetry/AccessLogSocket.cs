using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>
/// Where nginx sends its access log: one datagram for each logged request, over UDP on the loopback interface. nginx never waits for it;
/// what does not fit is lost. Each message carries a secret that only nginx's configuration has.
/// </summary>
/// <remarks>A Unix socket would hold 10 datagrams where <c>net.unix.max_dgram_qlen</c> is the kernel's default, as in containers.</remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class AccessLogSocket : IDisposable
{
    private const string UdpSocketsFile = "/proc/net/udp";
    private const int WantedBuffer = 4 * 1024 * 1024;

    private readonly Socket _socket;
    private readonly byte[] _head;

    private AccessLogSocket(Socket socket)
    {
        _socket = socket;
        Server = new(socket.LocalEndPoint!.ToString()!, RandomNumberGenerator.GetHexString(32, lowercase: true));
        _head = Encoding.ASCII.GetBytes($" {Server.Tag}: ");
    }

    public NginxLogServer Server { get; }

    /// <summary>Opens a socket on a free port.</summary>
    /// <exception cref="SocketException">The system gives no socket.</exception>
    public static AccessLogSocket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.ReceiveBufferSize = WantedBuffer;
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            socket.Blocking = false;
            return new(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Receives the next message, if there is one.</summary>
    /// <param name="buffer">Room for it.</param>
    /// <param name="message">The JSON object in it; empty for what nginx did not send.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryReceive(Span<byte> buffer, out ReadOnlySpan<byte> message)
    {
        message = default;
        var length = _socket.Receive(buffer, SocketFlags.None, out var error);
        if (error is not (SocketError.Success or SocketError.MessageSize))
        {
            return error is SocketError.WouldBlock ? false : throw new SocketException((int)error);
        }

        var text = buffer[..length];
        var head = text.IndexOf(_head);
        message = head < 0 ? default : text[(head + _head.Length)..];
        return true;
    }

    /// <summary>Waits for a message.</summary>
    public bool Wait(TimeSpan limit) => _socket.Poll(limit, SelectMode.SelectRead);

    /// <summary>How many messages the system dropped because they were not received in time; 0 where it does not say.</summary>
    public long Dropped()
    {
        if (!File.Exists(UdpSocketsFile))
        {
            return 0;
        }

        var address = string.Create(CultureInfo.InvariantCulture, $"0100007F:{((IPEndPoint)_socket.LocalEndPoint!).Port:X4}");
        var line = File.ReadLines(UdpSocketsFile)
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(columns => columns.Length > 2 && columns[1] == address);
        return line is not null && long.TryParse(line[^1], CultureInfo.InvariantCulture, out var dropped) ? dropped : 0;
    }

    public void Dispose() => _socket.Dispose();
}
