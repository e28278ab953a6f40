using System.Net.Sockets;
using System.Text;

namespace FlaskStack.Tests.ServiceDefaults;

/// <summary>systemd's end of the socket that services send their messages to.</summary>
internal sealed class NotifySocketListener : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("notify-");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <param name="isAbstract">Whether the socket is in no file system.</param>
    public NotifySocketListener(bool isAbstract = false)
    {
        var path = Path.Combine(_folder.FullName, "notify");
        _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{path}" : path));
        Name = isAbstract ? $"@{path}" : path;
    }

    /// <summary>What a service finds in <c>NOTIFY_SOCKET</c>.</summary>
    public string Name { get; }

    public async Task<string> NextAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var buffer = new byte[512];
        return Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, deadline.Token));
    }

    /// <summary>Takes messages until another one than this comes.</summary>
    public async Task<string> NextAfterAsync(string message)
    {
        string next;
        do
        {
            next = await NextAsync();
        }
        while (next == message);

        return next;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Delete(recursive: true);
    }
}
