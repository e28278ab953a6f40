using System.Net;
using System.Net.WebSockets;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Which requests the real nginx sends to a second member.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class MethodTests(NginxBinary binary)
{
    /// <summary>Of IANA's registry, without CONNECT and TRACE, which nginx does not pass on.</summary>
    private const string Idempotent =
        "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY DELETE GET HEAD LABEL LINK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF "
        + "MKWORKSPACE MOVE OPTIONS ORDERPATCH PROPFIND PROPPATCH PUT REBIND REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE "
        + "UPDATEREDIRECTREF VERSION-CONTROL";

    private const string Others = "LOCK PATCH POST APPROVE BUY X-SEND GETALL POST_ALL";

    [Fact]
    public async Task A_request_that_kills_its_member_reaches_another_only_if_its_method_is_idempotent()
    {
        await using var one = await Upstream.StartAsync();
        await using var two = await Upstream.StartAsync();
        await using var three = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(
            binary, Samples.Minimal with { Listen = null }, Samples.Api(one.Address, two.Address, three.Address));
        var reached = new List<(string Method, int Members)>();

        foreach (var method in $"{Idempotent} {Others}".Split(' '))
        {
            var before = one.Aborted + two.Aborted + three.Aborted;
            using var response = await nginx.SendAsync(new HttpMethod(method), "/aborts");
            Assert.Equal((method, HttpStatusCode.BadGateway), (method, response.StatusCode));
            reached.Add((method, one.Aborted + two.Aborted + three.Aborted - before));
        }

        // Two members may have received it before nginx finds the third down; the retry then skips none.
        Assert.All(reached[..^Others.Split(' ').Length], static sent => Assert.InRange(sent.Members, 3, 5));
        Assert.All(reached[^Others.Split(' ').Length..], static sent => Assert.Equal((sent.Method, 1), sent));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_method_passes_members_that_are_down(bool onSockets)
    {
        await using var one = onSockets ? await Upstream.StartAsync() : await Upstream.StartTcpAsync("one");
        var down = Enumerable.Range(0, 4).Select(index => onSockets ? $"unix:/a/{index}.sock" : $"127.0.0.1:{index + 1}");
        await using var nginx = await RunningNginx.StartAsync(
            binary, Samples.Minimal with { Listen = null }, Samples.Api([.. down, one.Address]));

        foreach (var method in $"{Idempotent} {Others}".Split(' '))
        {
            using var response = await nginx.SendAsync(new HttpMethod(method), "/any-method");
            Assert.Equal((method, HttpStatusCode.OK), (method, response.StatusCode));
        }
    }

    [Fact]
    public async Task A_WebSocket_passes_members_that_are_down()
    {
        await using var one = await Upstream.StartAsync();
        var down = Enumerable.Range(0, 6).Select(index => $"unix:/a/{index}.sock");
        await using var nginx = await RunningNginx.StartAsync(
            binary, Samples.Minimal with { Listen = null }, Samples.Api([.. down, one.Address]));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        for (var attempt = 0; attempt < 4; attempt++)
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{nginx.Port}/socket"), deadline.Token);
            Assert.Equal(WebSocketState.Open, socket.State);
            socket.Abort();
        }
    }

    [Fact]
    public async Task An_unknown_method_ends_with_502_when_every_member_is_down()
    {
        var down = Enumerable.Range(0, 20).Select(index => $"unix:/a/{index}.sock");
        using var page = new TemporaryFile("<title>Sorry</title>");
        await using var nginx = await RunningNginx.StartAsync(
            binary, Samples.Minimal with { Listen = null, ErrorPages = [new(page.Path, [502])] }, Samples.Api([.. down]));

        using var response = await nginx.SendAsync(new HttpMethod("APPROVE"), "/any-method");

        Assert.Equal(
            (HttpStatusCode.BadGateway, "<title>Sorry</title>"),
            (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }
}
