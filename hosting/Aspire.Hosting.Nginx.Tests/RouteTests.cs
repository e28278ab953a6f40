using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Which route the real nginx takes, and what it makes of a request.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class RouteTests(NginxBinary binary)
{
    private static NginxConfiguration Proxy => Samples.Minimal with { Listen = null, ProblemDetails = true };

    [Theory]
    [InlineData("a.example", "one")]
    [InlineData("A.EXAMPLE:8080", "one")]
    [InlineData("x.b.example", "two")]
    [InlineData("c.b.example", "three")]
    [InlineData("x.c.b.example", "two")]
    [InlineData("b.example", "421")]
    [InlineData("other.example", "421")]
    public async Task A_host_has_its_own_routes(string host, string expected)
    {
        await using var services = await Services.StartAsync();
        await using var nginx = await services.RunAsync(binary, Proxy with
        {
            Routes =
            [
                new("/", "one") { Hosts = ["a.example"] },
                new("/", "two") { Hosts = ["*.b.example"] },
                new("/", "three") { Hosts = ["c.b.example"] },
            ],
        });

        using var response = await nginx.SendAsync(HttpMethod.Get, "/name", ("Host", host));

        Assert.Equal(expected, response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : $"{(int)response.StatusCode}");
    }

    [Theory]
    [InlineData("a.example", "/name", "one")]
    [InlineData("a.example", "/shared/name", "two")]
    [InlineData("z.example", "/name", "three")]
    [InlineData("z.example", "/shared/name", "two")]
    [InlineData("", "/name", "three")]
    public async Task A_route_without_hosts_is_for_all(string host, string path, string expected)
    {
        await using var services = await Services.StartAsync();
        await using var nginx = await services.RunAsync(binary, Proxy with
        {
            Routes =
            [
                new("/", "one") { Hosts = ["a.example", "b.example"] },
                new("/shared", "two") { RemovedPrefix = "/shared" },
                new("/", "three"),
            ],
        });

        using var response = host.Length > 0
            ? await nginx.SendAsync(HttpMethod.Get, path, ("Host", host))
            : await nginx.SendAsync(HttpMethod.Get, path);

        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Named_servers_and_hosts_of_routes_live_together()
    {
        await using var services = await Services.StartAsync();
        await using var nginx = await services.RunAsync(binary, Proxy with
        {
            ServerNames = ["www.example", "a.example"],
            Routes = [new("/", "one") { Hosts = ["a.example"] }, new("/", "two")],
        });

        foreach (var (host, expected) in new[] { ("a.example", "one"), ("www.example", "two"), ("other.example", "") })
        {
            using var response = await nginx.SendAsync(HttpMethod.Get, "/name", ("Host", host));
            Assert.Equal((host, expected), (host, response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : ""));
        }
    }

    [Fact]
    public async Task A_method_goes_to_its_route_and_others_are_not_allowed()
    {
        await using var services = await Services.StartAsync();
        await using var nginx = await services.RunAsync(binary, Proxy with
        {
            Cors = Samples.AnyOrigin,
            Routes =
            [
                new("/", "one"),
                new("/name", "two") { Methods = ["GET"] },
                new("/name", "three") { Methods = ["DELETE", "PATCH"] },
                new("/any-method", "one"),
                new("/any-method", "three") { Methods = ["POST", "MKCOL"] },
            ],
        });

        Assert.Equal((HttpStatusCode.OK, "two"), await AnswerAsync(HttpMethod.Get, "/name"));
        Assert.Equal(HttpStatusCode.OK, (await AnswerAsync(HttpMethod.Get, "/any-method")).Status);
        Assert.Equal("any", (await AnswerAsync(HttpMethod.Post, "/any-method")).Body);
        Assert.Equal("any", (await AnswerAsync(new("MKCOL"), "/any-method/")).Body);
        using var head = await nginx.SendAsync(HttpMethod.Head, "/name");
        Assert.Equal("/name", head.RequestMessage!.RequestUri!.AbsolutePath);
        using var refused = await nginx.SendAsync(HttpMethod.Post, "/name", ("Origin", "https://a.example"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Equal(["DELETE", "GET", "HEAD", "PATCH"], refused.Content.Headers.Allow.Order());
        Assert.Equal("*", refused.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("\"status\":405", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var preflight = await nginx.SendAsync(
            HttpMethod.Options, "/name", ("Origin", "https://a.example"), ("Access-Control-Request-Method", "DELETE"));
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);

        async Task<(HttpStatusCode Status, string Body)> AnswerAsync(HttpMethod method, string path)
        {
            using var response = await nginx.SendAsync(method, path);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1", "/")]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1?a=b%2Fc", "/?a=b%2Fc")]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1/a%2Fb/%C3%A9?q=%20", "/a%2Fb/%C3%A9?q=%20")]
    [InlineData("/api/v1", "/api", null, "/api/v1", "/v1")]
    [InlineData("/api/v1", "/api", null, "/api/v1/x//y", "/v1/x//y")]
    [InlineData("/api/v1", "/api/v1", null, "//api/v1/x", "/x")]
    [InlineData("/api/v1", "/api/v1", "/v2", "/api/v1", "/v2")]
    [InlineData("/api/v1", "/api/v1", "/v2", "/api/v1?x", "/v2?x")]
    [InlineData("/api/v1", "/api/v1", "/v2", "/api/v1/x", "/v2/x")]
    [InlineData("/", null, "/v2", "/x?y=1", "/v2/x?y=1")]
    [InlineData("/caf%C3%A9", "/caf%c3%a9", null, "/caf%c3%A9/x", "/x")]
    [InlineData("/a-b%20c/", "/a-b%20c", null, "/a%2Db%20c/x", "/x")]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1/../v1/x", "400")]
    [InlineData("/api/v1", "/api/v1", null, "/x/../api/v1/x", "400")]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1/x%2f..%2F..%2fv1/x", "400")]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1/%2e%2e/v1/x", "400")]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1%2Fx", "400")]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1/a..b/.c", "/a..b/.c")]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1/Health/ready", "404")]
    [InlineData("/api/v1", "/api/v1", null, "/api/v1//he%61lth", "404")]
    [InlineData("/api/v1", "/api", null, "/api/v1/health", "/v1/health")]
    public async Task The_resource_sees_the_path_that_is_meant_for_it(string path, string? removed, string? added, string sent, string seen)
    {
        await using var services = await Services.StartAsync();
        await using var nginx = await services.RunAsync(binary, Proxy with
        {
            Routes =
            [
                new(path, "one") { RemovedPrefix = removed, AddedPrefix = added },
                .. path == "/" ? Array.Empty<NginxRoute>() : [new("/", "two")],
            ],
        });

        var response = await nginx.SendRawAsync(
            $"GET {sent} HTTP/1.1\r\nHost: a\r\nX-Forwarded-Prefix: /evil\r\nX-Show: target\r\nConnection: close\r\n\r\n");

        var expected = seen.StartsWith('/') ? $"one {seen} {removed}\n" : $"HTTP/1.1 {seen} ";
        Assert.Contains(expected, response.Replace("\r\n", "\n", StringComparison.Ordinal) + "\n", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_changed_path_holds_for_retries_sessions_and_streams()
    {
        await using var one = await Upstream.StartAsync();
        var down = new[]
        {
            "unix:/nowhere/1.sock", "unix:/nowhere/2.sock", "unix:/nowhere/3.sock", "unix:/nowhere/4.sock", "unix:/nowhere/5.sock",
        };
        await using var nginx = await RunningNginx.StartAsync(
            binary, Proxy with { Routes = [new("/api", "api") { RemovedPrefix = "/api" }] }, Samples.Api([.. down, one.Address]));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        foreach (var method in new[] { "GET", "POST", "APPROVE" })
        {
            using var response = await nginx.SendAsync(new(method), "/api/any-method");
            Assert.Equal((method, HttpStatusCode.OK), (method, response.StatusCode));
        }

        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{nginx.Port}/api/socket"), deadline.Token);
        await socket.SendAsync("x"u8.ToArray(), WebSocketMessageType.Text, true, deadline.Token);
        Assert.Equal(1, (await socket.ReceiveAsync(new byte[8], deadline.Token)).Count);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/events");
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        using var events = await nginx.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_route_sets_headers_and_others_keep_theirs()
    {
        await using var services = await Services.StartAsync();
        await using var nginx = await services.RunAsync(binary, Proxy with
        {
            Cors = Samples.AnyOrigin,
            Snippets = [new(NginxSnippetContext.Server, "add_header X-Snippet s; proxy_set_header X-Team blue;", null)],
            Routes =
            [
                new("/", "one"),
                new("/headers", "one")
                {
                    RequestHeaders = [new("X-Tenant", "a \"b\" $host \\ é"), new("X-Secret", "")],
                    ResponseHeaders = [new("X-Frame-Options", "DENY; \"$1\"")],
                },
            ],
        });

        using var set = await nginx.SendAsync(
            HttpMethod.Get, "/headers", ("X-Tenant", "evil"), ("X-Secret", "s"), ("Origin", "https://a.example"));
        var seen = (await set.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
        using var other = await nginx.SendAsync(HttpMethod.Get, "/headers-too", ("X-Tenant", "mine"), ("X-Secret", "s"));
        var kept = (await other.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;

        Assert.Equal(("a \"b\" $host \\ é", "blue", "127.0.0.1"), (seen["X-Tenant"], seen["X-Team"], seen["X-Real-IP"]));
        Assert.False(seen.ContainsKey("X-Secret"));
        Assert.Equal("DENY; \"$1\"", set.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal(
            ("*", "s"),
            (set.Headers.GetValues("Access-Control-Allow-Origin").Single(), set.Headers.GetValues("X-Snippet").Single()));
        Assert.Equal(("mine", "s"), (kept["X-Tenant"], kept["X-Secret"]));
        Assert.Equal("SAMEORIGIN", other.Headers.GetValues("X-Frame-Options").Single());
    }

    [Theory]
    [InlineData("/old", "/new", false, "/old?a=b", "307 /new?a=b")]
    [InlineData("/old", "/new", true, "/old/x%2Fy?a=b", "308 /new/x%2Fy?a=b")]
    [InlineData("/old", "https://www.example.com", true, "/old/x", "308 https://www.example.com/x")]
    [InlineData("/", "https://www.example.com/", false, "/x?y", "307 https://www.example.com/x?y")]
    [InlineData("/", "https://www.example.com/", false, "/", "307 https://www.example.com/")]
    [InlineData("/old", "/", false, "/old", "307 /")]
    [InlineData("/old", "/", false, "/old/", "307 /")]
    [InlineData("/old", "/", false, "/old/x", "307 /x")]
    [InlineData("/old", "/", false, "/old//evil.example", "400 ")]
    [InlineData("/old", "/", false, "/old/\\evil.example", "400 ")]
    [InlineData("/", "/x", false, "//evil.example/a", "400 ")]
    public async Task A_redirect_keeps_what_is_below_it(string from, string to, bool permanent, string sent, string expected)
    {
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with
        {
            Routes = [new(from, null) { Redirect = new(to, permanent) }],
        });

        var response = await nginx.SendRawAsync($"POST {sent} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        var location = response.Split("\r\n").SingleOrDefault(line => line.StartsWith("Location: ", StringComparison.Ordinal))?[10..];
        Assert.Equal(expected, $"{response[9..12]} {location}");
    }

    [Fact]
    public async Task A_fixed_response_is_as_it_was_written()
    {
        const string body = "{\"$schema\":\"${dollar}\",\n \"path\":\"C:\\\\é\"}";
        using var page = new TemporaryFile("<title>Sorry</title>");
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with
        {
            Cors = Samples.AnyOrigin,
            ErrorPages = [new(page.Path, [503])],
            StaticFiles = [new("/files", "/nowhere")],
            Routes =
            [
                new("/stub.html", null) { Response = new(201, body, "application/json; charset=utf-8") },
                new("/busy", null) { Response = new(503, null, "text/plain") },
                new("/full", null) { Response = new(503, "full", "text/plain") },
            ],
        });

        using var stub = await nginx.SendAsync(HttpMethod.Post, "/stub.html", ("Origin", "https://a.example"));
        using var busy = await nginx.SendAsync(HttpMethod.Get, "/busy/x");
        using var full = await nginx.SendAsync(HttpMethod.Get, "/full");

        Assert.Equal(
            (HttpStatusCode.Created, "application/json; charset=utf-8"),
            (stub.StatusCode, stub.Content.Headers.ContentType?.ToString()));
        Assert.Equal((body, "*"), (await stub.Content.ReadAsStringAsync(), stub.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "<title>Sorry</title>"),
            (busy.StatusCode, await busy.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "full"), (full.StatusCode, await full.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_service_outside_gets_its_own_host_unless_it_shall_have_the_clients()
    {
        await using var service = await Upstream.StartTcpAsync("geo");
        await using var nginx = await RunningNginx.StartAsync(
            binary,
            Proxy with { Routes = [new("/geo/host", "geo"), new("/again", "geo") { RemovedPrefix = "/again", HasOriginalHost = true }] },
            new NginxUpstream("geo", "http", [service.Address]) { Host = "geo.example.com" });

        Assert.Equal("geo.example.com", await nginx.Client.GetStringAsync("/geo/host"));
        Assert.Equal($"127.0.0.1:{nginx.Port}", await nginx.Client.GetStringAsync("/again/geo/host"));
    }

    /// <summary>
    /// What every kind of route must do: cross-origin headers on errors, private paths, forwarded headers, retries, limits.
    /// </summary>
    [Theory]
    [InlineData("plain")]
    [InlineData("host")]
    [InlineData("method")]
    [InlineData("methods")]
    [InlineData("prefix")]
    [InlineData("headers")]
    public async Task Every_kind_of_route_keeps_what_nginx_promises(string kind)
    {
        await using var one = await Upstream.StartAsync();
        NginxRoute route = kind switch
        {
            "host" => new("/", "api") { Hosts = ["127.0.0.1"] },
            "method" => new("/", "api") { Methods = ["GET", "POST"] },
            "prefix" => new("/p", "api") { RemovedPrefix = "/p" },
            "headers" => new("/", "api") { RequestHeaders = [new("X-A", "b")], ResponseHeaders = [new("X-A", "b")] },
            _ => new("/", "api"),
        };
        using var page = new TemporaryFile("<title>Sorry</title>");
        var configuration = Proxy with
        {
            Cors = Samples.NamedOrigins,
            ErrorPages = [new(page.Path, [502])],
            Routes = kind == "methods" ? [route with { Methods = ["GET", "POST"] }, route with { Methods = ["DELETE"] }] : [route],
        };
        await using var nginx = await RunningNginx.StartAsync(
            binary,
            configuration,
            Samples.Api("unix:/nowhere/1.sock", "unix:/nowhere/2.sock", "unix:/nowhere/3.sock", "unix:/nowhere/4.sock", one.Address));
        await using var down = await RunningNginx.StartAsync(
            binary, configuration, Samples.Api("unix:/nowhere/1.sock", "unix:/nowhere/2.sock"));
        var prefix = kind == "prefix" ? "/p" : "";
        (string, string) origin = ("Origin", "https://app.example.com");

        using var headers = await nginx.SendAsync(
            HttpMethod.Get,
            $"{prefix}/headers",
            origin,
            ("X-Forwarded-For", "6.6.6.6"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        var seen = (await headers.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
        Assert.Equal(
            ("127.0.0.1", "https://app.example.com"),
            (seen["X-Forwarded-For"], headers.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", seen["traceparent"], StringComparison.Ordinal);
        Assert.Equal(prefix, seen.GetValueOrDefault("X-Forwarded-Prefix", ""));
        using var retried = await nginx.SendAsync(HttpMethod.Post, $"{prefix}/echo");
        Assert.Equal(HttpStatusCode.OK, retried.StatusCode);
        using var hidden = await nginx.SendAsync(HttpMethod.Get, $"{prefix}/health", origin);
        Assert.Equal((HttpStatusCode.NotFound, true), (hidden.StatusCode, hidden.Headers.Contains("Access-Control-Allow-Origin")));
        Assert.Contains("problem+json", hidden.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        using var large = new HttpRequestMessage(HttpMethod.Post, $"{prefix}/echo")
        {
            Content = new ByteArrayContent(new byte[3 * 1024 * 1024]),
        };
        using var tooLarge = await nginx.Client.SendAsync(large);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        using var failed = await down.SendAsync(HttpMethod.Get, $"{prefix}/name", origin);
        Assert.Equal((HttpStatusCode.BadGateway, "<title>Sorry</title>"), (failed.StatusCode, await failed.Content.ReadAsStringAsync()));
        Assert.True(failed.Headers.Contains("Access-Control-Allow-Origin"));
    }

    /// <summary>Three services whose names say which of them has answered.</summary>
    private sealed class Services : IAsyncDisposable
    {
        private readonly Upstream[] _upstreams;

        private Services(Upstream[] upstreams) => _upstreams = upstreams;

        public static async Task<Services> StartAsync() =>
            new([await Upstream.StartAsync("one"), await Upstream.StartAsync("two"), await Upstream.StartAsync("three")]);

        public Task<RunningNginx> RunAsync(NginxBinary binary, NginxConfiguration configuration) => RunningNginx.StartAsync(
            binary,
            configuration,
            new NginxUpstream("one", "http", _upstreams[0].Members.Members),
            new NginxUpstream("two", "http", _upstreams[1].Members.Members),
            new NginxUpstream("three", "http", _upstreams[2].Members.Members));

        public async ValueTask DisposeAsync()
        {
            foreach (var upstream in _upstreams)
            {
                await upstream.DisposeAsync();
            }
        }
    }
}
