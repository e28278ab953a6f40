using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Runtime;

namespace FlaskStack.Tests.Nginx;

[UnsupportedOSPlatform("windows")]
public sealed class ListeningSocketTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("listening-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "s");

    [Fact]
    public void Finds_who_listens_and_not_what_they_left()
    {
        Assert.False(ListeningSocket.IsAt(Path), "there is nothing");
        var path = Path;
        using (var listener = Listen(backlog: 8))
        {
            Assert.True(ListeningSocket.IsAt(path), "somebody listens");
            File.Move(path, path + ".kept");
        }

        File.Move(path + ".kept", path);
        Assert.False(ListeningSocket.IsAt(path), "only the file is left");
    }

    [Fact]
    public void Finds_who_listens_and_accepts_nothing()
    {
        using var listener = Listen(backlog: 1);
        using var waiting = Connect();
        using var waitingToo = Connect();

        Assert.True(ListeningSocket.IsAt(Path));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Socket Listen(int backlog)
    {
        var listener = NewSocket();
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(backlog);
        return listener;
    }

    private Socket Connect()
    {
        var socket = NewSocket();
        socket.Connect(new UnixDomainSocketEndPoint(Path));
        return socket;
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
