using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Processes;

namespace Aspire.Hosting.Nginx.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class InstanceAddressTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("listening-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "s");

    [Fact]
    public async Task Finds_who_listens_at_a_socket_and_not_what_they_left()
    {
        Assert.False(await IsListeningAsync(), "there is nothing");
        var path = Path;
        using (var listener = Listen(backlog: 8))
        {
            Assert.True(await IsListeningAsync(), "somebody listens");
            File.Move(path, path + ".kept");
        }

        File.Move(path + ".kept", path);
        Assert.False(await IsListeningAsync(), "only the file is left");
    }

    [Fact]
    public async Task Finds_who_listens_and_accepts_nothing()
    {
        using var listener = Listen(backlog: 1);
        using var waiting = Connect();
        using var waitingToo = Connect();

        Assert.True(await IsListeningAsync());
    }

    [Fact]
    public async Task Finds_who_listens_at_a_port()
    {
        using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.True(await InstanceAddress.Tcp(IPAddress.IPv6Loopback, port).IsListeningAsync(CancellationToken.None));
        Assert.False(await InstanceAddress.Tcp(IPAddress.Loopback, port).IsListeningAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Finds_who_listens_at_a_port_and_accepts_nothing()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(backlog: 1);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Socket[] waiting =
        [
            .. Enumerable.Range(0, 4).Select(
                _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }),
        ];
        foreach (var socket in waiting)
        {
            Assert.Throws<SocketException>(() => socket.Connect(IPAddress.Loopback, port));
        }

        Assert.True(await InstanceAddress.Tcp(IPAddress.Loopback, port).IsListeningAsync(CancellationToken.None));
        Assert.All(waiting, socket => socket.Dispose());
    }

    [Fact]
    public async Task Takes_a_path_that_is_too_long_for_one_where_nobody_listens() =>
        Assert.False(await InstanceAddress.Unix("/" + new string('a', 200)).IsListeningAsync(CancellationToken.None));

    public void Dispose() => _folder.Delete(recursive: true);

    private ValueTask<bool> IsListeningAsync() => InstanceAddress.Unix(Path).IsListeningAsync(CancellationToken.None);

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
