using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.Nginx.Telemetry;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

/// <summary>Where nginx sends its access log; nginx does not wait for it.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class AccessLogSocketTests(NginxBinary binary)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Nginx_serves_while_nothing_reads()
    {
        await using var upstream = await Upstream.StartAsync();
        using var socket = AccessLogSocket.Open();
        await using var nginx = await StartAsync(socket, upstream);

        for (var request = 0; request < 500; request++)
        {
            using var response = await nginx.SendAsync(HttpMethod.Get, "/name");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Nginx_serves_when_the_socket_is_gone()
    {
        await using var upstream = await Upstream.StartAsync();
        var socket = AccessLogSocket.Open();
        await using var nginx = await StartAsync(socket, upstream);
        socket.Dispose();

        for (var request = 0; request < 3; request++)
        {
            using var response = await nginx.SendAsync(HttpMethod.Get, "/name");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public void Knows_how_much_was_dropped()
    {
        using var socket = AccessLogSocket.Open();
        using var sender = Sender(socket);
        var message = new byte[32 * 1024];
        for (var number = 0; number < 1_000; number++)
        {
            sender.Send(message);
        }

        Assert.InRange(socket.Dropped(), 1, 1_000);
    }

    [Fact]
    public void Leaves_alone_what_does_not_carry_its_tag()
    {
        using var socket = AccessLogSocket.Open();
        using var sender = Sender(socket);
        sender.Send("<190>Feb  3 04:05:06 nginx: {\"status\":\"200\"}"u8);
        sender.Send(Encoding.ASCII.GetBytes($"<190>Feb  3 04:05:06 {socket.Server.Tag}: {{}}"));
        var buffer = new byte[1024];

        Assert.True(socket.Wait(Deadline));
        Assert.True(socket.TryReceive(buffer, out var stranger));
        Assert.True(stranger.IsEmpty);
        Assert.True(socket.Wait(Deadline));
        Assert.True(socket.TryReceive(buffer, out var own));
        Assert.Equal("{}"u8, own);
        Assert.False(socket.TryReceive(buffer, out _));
        Assert.Matches("^[0-9a-f]{32}$", socket.Server.Tag);
        Assert.True(IPAddress.IsLoopback(IPEndPoint.Parse(socket.Server.Address).Address));
    }

    private static Socket Sender(AccessLogSocket socket)
    {
        var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(IPEndPoint.Parse(socket.Server.Address));
        return sender;
    }

    private Task<RunningNginx> StartAsync(AccessLogSocket socket, Upstream upstream) =>
        RunningNginx.StartAsync(binary, Samples.Minimal with { Listen = null, LogServer = socket.Server }, upstream.Members);
}
