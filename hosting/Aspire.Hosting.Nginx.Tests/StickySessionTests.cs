using System.Net;
using System.Net.WebSockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Rendering;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>The real nginx sends a client to the member that it had before.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class StickySessionTests(NginxBinary binary)
{
    private static NginxConfiguration Sticky => Samples.Minimal with { Listen = null, Sticky = new(), Cors = Samples.AnyOrigin };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_stays_with_its_member_over_reloads(bool onSockets)
    {
        await using var one = await StartAsync("one", onSockets);
        await using var two = await StartAsync("two", onSockets);
        await using var three = await StartAsync("three", onSockets);
        await using var nginx = await RunningNginx.StartAsync(binary, Sticky, Samples.Api(one.Address, two.Address));
        var clients = new List<(string Cookie, string Member)>();
        for (var client = 0; client < 8; client++)
        {
            var (member, cookie) = await AskAsync(nginx, null);
            clients.Add((Assert.IsType<string>(cookie), member));
        }

        Assert.Equal(["one", "two"], clients.Select(client => client.Member).Distinct().Order());
        Assert.All(clients, client => Assert.Matches("^replica_api=[0-9a-f]{16}; Path=/; HttpOnly; SameSite=Lax$", client.Cookie));
        foreach (var members in new[] { Samples.Api(one.Address, two.Address), Samples.Api(three.Address, two.Address, one.Address) })
        {
            Assert.Null(await nginx.ReloadAsync(static configuration => configuration, members));
            foreach (var (cookie, member) in Enumerable.Repeat(clients, 3).SelectMany(all => all))
            {
                Assert.Equal((member, null), await AskAsync(nginx, cookie));
            }
        }
    }

    [Fact]
    public async Task A_member_that_is_gone_is_replaced_and_the_cookie_says_so()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await RunningNginx.StartAsync(binary, Sticky, Samples.Api(one.Address, two.Address));
        var (member, cookie) = await AskAsync(nginx, null);
        var (gone, other) = member == "one" ? (one, "two") : (two, "one");
        await gone.DisposeAsync();

        foreach (var method in new[] { "GET", "POST", "APPROVE" })
        {
            using var response = await nginx.SendAsync(new(method), "/any-method", ("Cookie", cookie!.Split(';')[0]));
            Assert.Equal((method, HttpStatusCode.OK, true), (method, response.StatusCode, response.Headers.Contains("Set-Cookie")));
        }

        var (next, renewed) = await AskAsync(nginx, cookie);
        Assert.Equal((other, true), (next, renewed is not null && renewed != cookie));
        Assert.Null(await nginx.ReloadAsync(static configuration => configuration, Samples.Api((gone == one ? two : one).Address)));
        Assert.Equal(other, (await AskAsync(nginx, cookie)).Member);
        Assert.Equal((other, null), await AskAsync(nginx, renewed));
    }

    [Fact]
    public async Task A_made_up_cookie_is_replaced_and_a_failure_sets_none()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await RunningNginx.StartAsync(binary, Sticky, Samples.Api(one.Address, two.Address));
        await using var down = await RunningNginx.StartAsync(binary, Sticky, Samples.Api("unix:/nowhere/1.sock", "unix:/nowhere/2.sock"));

        foreach (var value in new[] { "x", "$host", "a b", "\"", new string('x', 4000) })
        {
            var (member, cookie) = await AskAsync(nginx, $"replica_api={value}");
            Assert.Equal((member, null), await AskAsync(nginx, cookie));
        }

        using var failed = await down.SendAsync(HttpMethod.Get, "/name");
        Assert.Equal((HttpStatusCode.BadGateway, false), (failed.StatusCode, failed.Headers.Contains("Set-Cookie")));
        using var own = await nginx.SendAsync(HttpMethod.Get, "/health");
        Assert.Equal((HttpStatusCode.NotFound, false), (own.StatusCode, own.Headers.Contains("Set-Cookie")));
    }

    [Fact]
    public async Task A_WebSocket_goes_to_the_member_of_its_client()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await RunningNginx.StartAsync(binary, Sticky, Samples.Api(one.Address, two.Address));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (member, cookie) = await AskAsync(nginx, null);

        for (var attempt = 0; attempt < 6; attempt++)
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Cookie", cookie!.Split(';')[0]);
            await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{nginx.Port}/socket"), deadline.Token);
            Assert.Null(await nginx.ReloadAsync(static configuration => configuration, Samples.Api(one.Address, two.Address)));
            await socket.SendAsync("?"u8.ToArray(), WebSocketMessageType.Text, true, deadline.Token);
            var buffer = new byte[64];
            var received = await socket.ReceiveAsync(buffer, deadline.Token);
            Assert.Equal($"?{member}", System.Text.Encoding.ASCII.GetString(buffer, 0, received.Count));
        }
    }

    [Fact]
    public async Task Each_resource_has_a_cookie_of_its_own_and_a_changed_path_does_not_matter()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await RunningNginx.StartAsync(
            binary,
            Sticky with { Routes = [new("/", "api"), new("/b", "my-other") { RemovedPrefix = "/b" }] },
            Samples.Api(one.Address, two.Address),
            new NginxUpstream("my-other", "http", [one.Address, two.Address]));

        var (_, first) = await AskAsync(nginx, null);
        var (member, second) = await AskAsync(nginx, null, "/b/name");

        Assert.StartsWith("replica_api=", first, StringComparison.Ordinal);
        Assert.StartsWith("replica_my_other=", second, StringComparison.Ordinal);
        Assert.Equal((member, null), await AskAsync(nginx, second, "/b/name"));
    }

    [Fact]
    public void In_a_container_a_hash_of_the_cookie_selects_the_member()
    {
        var text = NginxConfigRenderer.Render(
            Sticky with { Listen = new(80, ["*"]), IsContainer = true }, Samples.Paths, [Samples.Api("${NGINX_UPSTREAM_API}")]);

        Assert.Contains("hash $sticky_api consistent;", text, StringComparison.Ordinal);
        Assert.Contains("add_header Set-Cookie $sticky_cookie_api always;", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_is_wrong_with_the_name_of_the_cookie() => Assert.Equal(
        "WithStickySessions: CookieName is \"a-b\"; use 1 to 64 letters, digits and '_'.",
        Assert.Single(NginxConfigurationValidator.Validate(Sticky with { Sticky = new() { CookieName = "a-b" } })));

    private static Task<Upstream> StartAsync(string name, bool onSockets) =>
        onSockets ? Upstream.StartAsync(name) : Upstream.StartTcpAsync(name);

    private static async Task<(string Member, string? Cookie)> AskAsync(RunningNginx nginx, string? cookie, string path = "/name")
    {
        using var response = cookie is null
            ? await nginx.SendAsync(HttpMethod.Get, path)
            : await nginx.SendAsync(HttpMethod.Get, path, ("Cookie", $"a=b; {cookie.Split(';')[0]}"));
        return (await response.Content.ReadAsStringAsync(), response.Headers.TryGetValues("Set-Cookie", out var set) ? set.Single() : null);
    }
}
