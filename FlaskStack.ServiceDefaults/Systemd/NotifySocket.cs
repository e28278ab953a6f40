using System.Net.Sockets;
using System.Text;

namespace FlaskStack.ServiceDefaults.Systemd;

/// <summary>Sends messages to systemd (<c>sd_notify(3)</c>): one datagram each, to a Unix socket.</summary>
/// <param name="settings">Where that is.</param>
internal sealed class NotifySocket(SystemdSettings settings)
{
    public const string Ready = "READY=1";
    public const string Stopping = "STOPPING=1";
    public const string Alive = "WATCHDOG=1";

    // A name that begins with a zero byte is in no file system.
    private readonly UnixDomainSocketEndPoint _address = new(settings.NotifySocket is ['@', .. var name] ? $"\0{name}" : settings.NotifySocket);

    /// <summary>Sends a message; where too many wait to be read already, when there is room again.</summary>
    /// <exception cref="SocketException">Nobody takes messages there.</exception>
    public async Task SendAsync(string message, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        // Of a full queue at the other end the kernel tells only those that are connected to it.
        await socket.ConnectAsync(_address, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), SocketFlags.None, cancellationToken).ConfigureAwait(false);
    }
}
