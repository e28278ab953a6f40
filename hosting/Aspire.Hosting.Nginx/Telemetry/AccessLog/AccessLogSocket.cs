using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Telemetry.AccessLog;

/// <summary>
/// Where nginx sends its access log: one datagram a request. nginx never waits for it; what does not fit is lost.
/// </summary>
/// <remarks>
/// A Unix socket, unless the system lets only a handful of datagrams wait at one (the kernel's own setting is 10, common in
/// containers; systemd makes it 512): nginx would lose much of a busy second and write a warning for each. Then it is UDP on the
/// loopback interface, where each message must carry a secret that only nginx's configuration has.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed class AccessLogSocket : IDisposable
{
    private const string QueueLengthFile = "/proc/sys/net/unix/max_dgram_qlen";
    private const string UdpSocketsFile = "/proc/net/udp";
    private const int ShortestQueue = 128;
    private const int WantedBuffer = 4 * 1024 * 1024;

    private const UnixFileMode OwnerSends = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode AnyoneSends = OwnerSends | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly Socket _socket;
    private readonly byte[] _head;

    private AccessLogSocket(Socket socket, NginxLogServer server)
    {
        (_socket, Server) = (socket, server);
        _head = System.Text.Encoding.ASCII.GetBytes($" {server.Tag}: ");
    }

    public NginxLogServer Server { get; }

    /// <summary>Whether a sender finds it.</summary>
    public bool IsReachable => _socket.LocalEndPoint is not UnixDomainSocketEndPoint local || File.Exists(local.ToString());

    /// <summary>Opens the kind of socket that suits this system.</summary>
    /// <param name="path">Where a Unix socket goes.</param>
    /// <param name="workersAreOthers">Whether nginx's workers run as another user.</param>
    /// <exception cref="SocketException">The system gives no socket.</exception>
    public static AccessLogSocket Open(string path, bool workersAreOthers) =>
        QueueLength() >= ShortestQueue ? OpenUnix(path, workersAreOthers) : OpenUdp();

    public static AccessLogSocket OpenUnix(string path, bool workersAreOthers)
    {
        File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, workersAreOthers ? AnyoneSends : OwnerSends);
            return Ready(socket, new($"unix:{path}", "nginx", Seed()));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static AccessLogSocket OpenUdp()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.ReceiveBufferSize = WantedBuffer;
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return Ready(socket, new(socket.LocalEndPoint!.ToString()!, RandomNumberGenerator.GetHexString(32, lowercase: true), Seed()));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes the next message, if there is one.</summary>
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

    /// <summary>How many messages the system dropped because they were not taken in time; null where it does not say.</summary>
    public long? Dropped()
    {
        if (_socket.LocalEndPoint is not IPEndPoint local || !File.Exists(UdpSocketsFile))
        {
            return null;
        }

        var address = string.Create(CultureInfo.InvariantCulture, $"0100007F:{local.Port:X4}");
        var line = File.ReadLines(UdpSocketsFile)
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(columns => columns.Length > 2 && columns[1] == address);
        return line is not null && long.TryParse(line[^1], CultureInfo.InvariantCulture, out var dropped) ? dropped : null;
    }

    public void Dispose() => _socket.Dispose();

    private static string Seed() => RandomNumberGenerator.GetHexString(5, lowercase: true);

    private static AccessLogSocket Ready(Socket socket, NginxLogServer server)
    {
        socket.Blocking = false;
        return new(socket, server);
    }

    private static int QueueLength() =>
        File.Exists(QueueLengthFile) && int.TryParse(File.ReadAllText(QueueLengthFile), CultureInfo.InvariantCulture, out var length) ? length : 0;
}
