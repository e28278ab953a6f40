using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>The real nginx in front of a real service.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class ServingTests(NginxBinary binary)
{
    private const string Site = "https://app.example.com";

    private static NginxConfiguration Proxy => Samples.Minimal with { Listen = null };

    [Fact]
    public async Task Passes_status_and_body()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        using var found = await nginx.SendAsync(HttpMethod.Get, "/name");
        using var missing = await nginx.SendAsync(HttpMethod.Get, "/nothing");
        using var failed = await nginx.SendAsync(HttpMethod.Get, "/fails");

        Assert.Equal((HttpStatusCode.OK, "one"), (found.StatusCode, await found.Content.ReadAsStringAsync()));
        Assert.Equal("nginx", found.Headers.Server.ToString());
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Contains("It failed.", await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_the_upstream_the_truth_about_the_client()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        using var response = await nginx.SendAsync(
            HttpMethod.Get,
            "/headers",
            ("X-Forwarded-For", "6.6.6.6"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "evil.example"),
            ("X-Forwarded-Port", "443"),
            ("X-Forwarded-Prefix", "/evil"),
            ("X-Real-IP", "6.6.6.6"),
            ("X-Original-For", "6.6.6.6"),
            ("Forwarded", "for=6.6.6.6"),
            ("Proxy", "http://evil.example"));

        var headers = (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"]);
        Assert.Equal("127.0.0.1", headers["X-Real-IP"]);
        Assert.Equal("http", headers["X-Forwarded-Proto"]);
        Assert.Equal($"127.0.0.1:{nginx.Port}", headers["Host"]);
        Assert.DoesNotContain(headers, header =>
            header.Value.Contains("evil", StringComparison.Ordinal)
            || header.Value.Contains("6.6.6.6", StringComparison.Ordinal));
        Assert.DoesNotContain("X-Forwarded-Port", headers.Keys);
        Assert.DoesNotContain("X-Forwarded-Host", headers.Keys);
    }

    [Theory]
    [InlineData("GET /headers HTTP/1.1\r\nHost: shop.example:8443\r\nConnection: close\r\n\r\n", "shop.example:8443")]
    [InlineData("GET /headers HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n", "shop.example")]
    [InlineData("GET /headers HTTP/1.1\r\nHost: [::1]:81\r\nConnection: close\r\n\r\n", "[::1]:81")]
    [InlineData("GET http://real.example/headers HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n", "real.example")]
    [InlineData("GET /headers HTTP/1.0\r\n\r\n", "localhost")]
    public async Task Passes_the_host_the_client_asked_for(string request, string host)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        var response = await nginx.SendRawAsync(request);

        Assert.Contains($"\"Host\":{JsonSerializer.Serialize(host)}", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passes_WebSockets()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);
        using var socket = new ClientWebSocket();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{nginx.Port}/socket"), deadline.Token);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, deadline.Token);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer, deadline.Token);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task Lets_the_upstream_reject_a_body_that_is_a_little_too_large()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with { Cors = Samples.AnyOrigin }, upstream.Members);

        using var response = await nginx.Client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(new byte[1_500_000]));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("The body is too large.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("*", AllowedOrigin(response));
    }

    [Fact]
    public async Task Rejects_a_body_beyond_its_own_limit_with_cross_origin_headers()
    {
        await using var upstream = await Upstream.StartAsync();
        var proxy = Proxy with { Cors = Samples.AnyOrigin, Limits = new() { MaxBodySize = 1000 } };
        await using var nginx = await RunningNginx.StartAsync(binary, proxy, upstream.Members);

        using var response = await nginx.Client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(new byte[1001]));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("*", AllowedOrigin(response));
    }

    [Fact]
    public async Task Answers_a_preflight_itself()
    {
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with { Cors = Samples.AnyOrigin }, Samples.Api());

        using var response = await nginx.SendAsync(HttpMethod.Options, "/any", ("Origin", Site), ("Access-Control-Request-Method", "POST"));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
        Assert.Equal("*", AllowedOrigin(response));
        Assert.Equal("GET, POST, OPTIONS", Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal("Content-Type, Authorization", Header(response, "Access-Control-Allow-Headers"));
    }

    [Fact]
    public async Task Passes_an_OPTIONS_request_that_is_no_preflight()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with { Cors = Samples.AnyOrigin }, upstream.Members);

        using var plain = await nginx.SendAsync(HttpMethod.Options, "/options");
        using var withOrigin = await nginx.SendAsync(HttpMethod.Options, "/options", ("Origin", Site));

        Assert.Equal("options of the upstream", await plain.Content.ReadAsStringAsync());
        Assert.Equal("options of the upstream", await withOrigin.Content.ReadAsStringAsync());
        Assert.Null(Header(plain, "Access-Control-Allow-Methods"));
    }

    [Theory]
    [InlineData("/name", 200)]
    [InlineData("/nothing", 404)]
    [InlineData("/fails", 500)]
    [InlineData("/own-cors", 200)]
    public async Task Sends_cross_origin_headers_once_on_every_response(string path, int status)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with { Cors = Samples.AnyOrigin }, upstream.Members);

        using var response = await nginx.SendAsync(HttpMethod.Get, path, ("Origin", Site));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("*", AllowedOrigin(response));
    }

    [Fact]
    public async Task Echoes_allowed_origins_and_says_nothing_to_others()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with { Cors = Samples.NamedOrigins }, upstream.Members);

        using var allowed = await nginx.SendAsync(HttpMethod.Get, "/own-cors", ("Origin", Site));
        using var denied = await nginx.SendAsync(HttpMethod.Get, "/own-cors", ("Origin", "https://evil.example"));
        using var lookalike = await nginx.SendAsync(HttpMethod.Get, "/own-cors", ("Origin", Site + ".evil.example"));
        using var preflight = await nginx.SendAsync(
            HttpMethod.Options,
            "/own-cors",
            ("Origin", Site),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "x-one, x-two"));
        using var deniedPreflight = await nginx.SendAsync(
            HttpMethod.Options, "/own-cors", ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"));

        Assert.Equal(
            (Site, "true", "X-Request-Id"),
            (AllowedOrigin(allowed),
                Header(allowed, "Access-Control-Allow-Credentials"),
                Header(allowed, "Access-Control-Expose-Headers")));
        Assert.All([allowed, denied, lookalike, preflight], response => Assert.Contains("Origin", response.Headers.Vary));
        Assert.All([denied, lookalike, deniedPreflight], response => Assert.Null(AllowedOrigin(response)));
        Assert.All([denied, lookalike, deniedPreflight], response => Assert.Null(Header(response, "Access-Control-Allow-Credentials")));
        Assert.Equal(HttpStatusCode.NoContent, deniedPreflight.StatusCode);
        Assert.Null(Header(deniedPreflight, "Access-Control-Allow-Methods"));
        Assert.Equal(
            ("GET, POST", "x-one, x-two", "600"),
            (Header(preflight, "Access-Control-Allow-Methods"),
                Header(preflight, "Access-Control-Allow-Headers"),
                Header(preflight, "Access-Control-Max-Age")));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Shows_the_error_page_with_its_status_when_nothing_is_ready(string method)
    {
        using var page = new TemporaryFile("<title>Sorry</title>");
        var proxy = Proxy with { Cors = Samples.AnyOrigin, ErrorPages = [new(page.Path, [502, 503, 504])] };
        await using var nginx = await RunningNginx.StartAsync(binary, proxy, Samples.Api());

        using var response = await nginx.SendAsync(new HttpMethod(method), "/any");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("<title>Sorry</title>", await response.Content.ReadAsStringAsync());
        Assert.Equal("*", AllowedOrigin(response));
    }

    [Theory]
    [InlineData("unix:/nowhere.sock")]
    [InlineData("unix:/nowhere.sock", "unix:/nowhere-either.sock")]
    public async Task Shows_the_error_page_when_every_member_is_gone(params string[] members)
    {
        using var page = new TemporaryFile("<title>Sorry</title>");
        await using var nginx = await RunningNginx.StartAsync(
            binary, Proxy with { ErrorPages = [new(page.Path, [502])] }, Samples.Api(members));

        using var response = await nginx.SendAsync(HttpMethod.Get, "/any");

        Assert.Equal(
            (HttpStatusCode.BadGateway, "<title>Sorry</title>"),
            (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Keeps_the_status_of_an_error_whose_page_is_gone()
    {
        using var page = new TemporaryFile("<title>Sorry</title>");
        var configuration = Proxy with { ErrorPages = [new(page.Path, [500, 502])] };
        await using var down = await RunningNginx.StartAsync(binary, configuration, Samples.Api("unix:/nowhere.sock"));
        Directory.Delete(Path.Join(down.Folder, "pages"), recursive: true);
        Directory.Delete(Path.Join(down.Folder, "temp"), recursive: true);

        using var unreachable = await down.SendAsync(HttpMethod.Get, "/any");
        using var stored = await down.Client.PostAsync(new Uri("/any", UriKind.Relative), new ByteArrayContent(new byte[400_000]));

        Assert.Equal((HttpStatusCode.BadGateway, "502"), (unreachable.StatusCode, await unreachable.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.InternalServerError, "500"), (stored.StatusCode, await stored.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Keeps_error_pages_from_being_asked_for()
    {
        using var page = new TemporaryFile("<title>Sorry</title>");
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with { ErrorPages = [new(page.Path, [502])] }, Samples.Api());

        using var response = await nginx.SendAsync(HttpMethod.Get, NginxConfiguration.ErrorPagesPath + "1.html");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Sends_a_request_that_reached_nobody_to_another_member()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(
            binary, Proxy with { Upstream = new() { MaxFails = 0 } }, Samples.Api("unix:/nowhere.sock", upstream.Address));

        for (var request = 0; request < 10; request++)
        {
            using var response = await nginx.Client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(new byte[10]));
            Assert.Equal("10 bytes", await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Serves_also_when_most_of_many_members_are_gone(string method)
    {
        await using var one = await Upstream.StartAsync();
        await using var two = await Upstream.StartAsync();
        var gone = Enumerable.Range(0, 6).Select(index => $"unix:/nowhere-{index}.sock");
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, Samples.Api([.. gone, one.Address, two.Address]));

        for (var request = 0; request < 20; request++)
        {
            using var response = await nginx.SendAsync(new HttpMethod(method), "/any-method");
            Assert.Equal("any", await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("GET", 0, HttpStatusCode.OK, 2)]
    [InlineData("GET", 2, HttpStatusCode.OK, 2)]
    [InlineData("PUT", 2, HttpStatusCode.OK, 2)]
    [InlineData("POST", 0, HttpStatusCode.BadGateway, 1)]
    [InlineData("PATCH", 2, HttpStatusCode.BadGateway, 1)]
    public async Task Does_not_count_members_that_are_gone_as_tries(string method, int goneBefore, HttpStatusCode status, int attempts)
    {
        // Members are asked in the order of their addresses.
        await using var upstream = await Upstream.StartAsync();
        var before = Enumerable.Range(0, goneBefore).Select(index => $"unix:/before/{index}.sock");
        var behind = Enumerable.Range(0, 6).Select(index => $"unix:/zzz/{index}.sock");
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, Samples.Api([.. before, upstream.Address, .. behind]));

        using var response = await nginx.SendAsync(new HttpMethod(method), "/aborts-once");

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(attempts, upstream.Asked);
    }

    [Theory]
    [InlineData("GET", 3)]
    [InlineData("POST", 1)]
    public async Task Sends_what_kills_its_members_to_few_of_them(string method, int attempts)
    {
        await using var one = await Upstream.StartAsync();
        await using var two = await Upstream.StartAsync();
        await using var three = await Upstream.StartAsync();
        await using var four = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(
            binary, Proxy, Samples.Api(one.Address, two.Address, three.Address, four.Address));

        using var response = await nginx.SendAsync(new HttpMethod(method), "/aborts");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(attempts, one.Aborted + two.Aborted + three.Aborted + four.Aborted);
    }

    [Fact]
    public async Task Covers_a_path_and_what_is_below_it_but_not_its_namesakes()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with { Routes = [new("/name", "api")] }, upstream.Members);

        using var exact = await nginx.SendAsync(HttpMethod.Get, "/name");
        using var namesake = await nginx.SendAsync(HttpMethod.Get, "/names");

        Assert.Equal("one", await exact.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, namesake.StatusCode);
        Assert.Equal("text/html", namesake.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Turns_other_hosts_away()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with { ServerNames = ["shop.example"] }, upstream.Members);

        using var own = await nginx.SendAsync(HttpMethod.Get, "/name", ("Host", "shop.example"));
        using var other = await nginx.SendAsync(HttpMethod.Get, "/name", ("Host", "evil.example"));

        Assert.Equal("one", await own.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.MisdirectedRequest, other.StatusCode);
    }

    [Fact]
    public async Task Limits_the_requests_of_a_client()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(
            binary, Proxy with { Limits = new() { RequestsPerSecond = 1, Burst = 2 } }, upstream.Members);

        var statuses = new List<HttpStatusCode>();
        for (var request = 0; request < 20; request++)
        {
            using var response = await nginx.SendAsync(HttpMethod.Get, "/name");
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], statuses[..3]);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    [Fact]
    public async Task Takes_over_a_changed_configuration_without_failing_a_request()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, one.Members);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => AskUntilAsync(nginx, stop.Token)).ToArray();

        for (var reload = 0; reload < 10; reload++)
        {
            Assert.Null(await nginx.ReloadAsync(configuration => configuration, reload % 2 == 0 ? two.Members : one.Members));
            await AskUntilAnsweredByAsync(nginx, reload % 2 == 0 ? "two" : "one");
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(clients), Assert.Empty);
    }

    [Fact]
    public async Task Names_the_snippet_file_that_is_wrong_and_serves_on()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);
        var snippets = Directory.CreateTempSubdirectory("snippets-");
        try
        {
            var file = Path.Combine(snippets.FullName, "mine.conf");
            await File.WriteAllTextAsync(file, "etag off;\ngzipp on;\n");

            var inFolder = await nginx.ReloadAsync(
                c => c with { Snippets = [new(NginxSnippetContext.Server, null, snippets.FullName)] }, upstream.Members);
            var inText = await nginx.ReloadAsync(
                c => c with
                {
                    Snippets = [new(NginxSnippetContext.Http, "gzip on;", null), new(NginxSnippetContext.Server, "return;", null)],
                },
                upstream.Members);
            var inOption = await nginx.ReloadAsync(
                c => c with { Snippets = [], Workers = c.Workers with { User = "nobody-here", Group = null } }, upstream.Members);

            Assert.Equal($"nginx rejects {file}, line 2: unknown directive \"gzipp\"", inFolder);
            Assert.Equal("nginx rejects the text of snippet number 2, line 1: invalid number of arguments in \"return\" directive", inText);
            Assert.StartsWith("nginx rejects what WithWorkers asks for: ", inOption, StringComparison.Ordinal);
            using var response = await nginx.SendAsync(HttpMethod.Get, "/name");
            Assert.Equal("one", await response.Content.ReadAsStringAsync());
        }
        finally
        {
            snippets.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Serves_files_with_their_types()
    {
        var folder = Directory.CreateTempSubdirectory("site-");
        try
        {
            folder.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "app.js"), "1;");
            await using var nginx = await RunningNginx.StartAsync(
                binary, Proxy with { StaticFiles = [new("/assets", folder.FullName)] }, Samples.Api());

            using var response = await nginx.SendAsync(HttpMethod.Get, "/assets/app.js");

            Assert.Equal("1;", await response.Content.ReadAsStringAsync());
            Assert.Equal("application/javascript; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Stores_a_large_body_in_its_own_folder()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        using var response = await nginx.Client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(new byte[900_000]));

        Assert.Equal("900000 bytes", await response.Content.ReadAsStringAsync());
        Assert.True(Directory.Exists(Path.Combine(nginx.Folder, "temp", "body")));
    }

    /// <summary>Over new connections: an nginx before 1.27.4 closes idle ones on a reload, even when a request is on its way.</summary>
    private static async Task<List<string>> AskUntilAsync(RunningNginx nginx, CancellationToken stop)
    {
        var failures = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var response = await nginx.SendAsync(HttpMethod.Get, "/name", ("Connection", "close"));
                if (response.StatusCode != HttpStatusCode.OK)
                {
                    failures.Add($"{response.StatusCode}");
                }
            }
            catch (HttpRequestException exception)
            {
                failures.Add(exception.ToString());
            }
        }

        return failures;
    }

    private static async Task AskUntilAnsweredByAsync(RunningNginx nginx, string name)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            using var response = await nginx.SendAsync(HttpMethod.Get, "/name", ("Connection", "close"));
            if (await response.Content.ReadAsStringAsync(deadline.Token) == name)
            {
                return;
            }
        }
    }

    private static string? AllowedOrigin(HttpResponseMessage response) => Header(response, "Access-Control-Allow-Origin");

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null;
}
