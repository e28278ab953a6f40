using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>A user's own directives in the real nginx: they add to what the options say, and leave nginx's own paths alone.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class SnippetTests(NginxBinary binary) : IDisposable
{
    private readonly TemporaryFile _page = new("<title>Sorry</title>");

    [Fact]
    public async Task One_more_request_header_keeps_ours()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync("proxy_set_header X-Team blue;", upstream.Members);

        using var response = await nginx.SendAsync(HttpMethod.Get, "/headers", ("X-Forwarded-For", "6.6.6.6"));

        var headers = (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
        Assert.Equal(
            ("blue", $"127.0.0.1:{nginx.Port}", "127.0.0.1"),
            (headers["X-Team"], headers["Host"], headers["X-Forwarded-For"]));
        Assert.DoesNotContain("Connection", headers.Keys);
    }

    [Fact]
    public async Task One_more_request_header_keeps_WebSockets()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync("proxy_set_header X-Team blue;", upstream.Members);
        using var socket = new ClientWebSocket();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{nginx.Port}/socket"), deadline.Token);

        Assert.Equal(WebSocketState.Open, socket.State);
        socket.Abort();
    }

    [Fact]
    public async Task One_more_response_header_and_one_more_hidden_keep_ours()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync("add_header X-Team blue always;\nproxy_hide_header Content-Type;", upstream.Members);

        using var response = await nginx.SendAsync(HttpMethod.Get, "/own-cors", ("Origin", "https://app.example.com"));

        Assert.Equal("blue", Assert.Single(response.Headers.GetValues("X-Team")));
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Null(response.Content.Headers.ContentType);
    }

    [Fact]
    public async Task One_more_error_page_keeps_ours()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(
            """
            error_page 418 /tea;
            location = /tea { internal; return 200 tea; }
            location = /pot { return 418; }
            location = /down { return 503; }
            """,
            upstream.Members);

        using var pot = await nginx.SendAsync(HttpMethod.Get, "/pot");
        using var down = await nginx.SendAsync(HttpMethod.Get, "/down");

        Assert.Equal("tea", await pot.Content.ReadAsStringAsync());
        await AssertSorryAsync(HttpStatusCode.ServiceUnavailable, down);
    }

    [Fact]
    public async Task One_more_limit_keeps_ours()
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Configuration("limit_req zone=all burst=1000 nodelay;") with { Limits = new() { RequestsPerSecond = 1 } };
        configuration = configuration with
        {
            Snippets =
            [
                .. configuration.Snippets,
                new(NginxSnippetContext.Http, "limit_req_zone $server_name zone=all:1m rate=1000r/s;", null),
            ],
        };
        await using var nginx = await RunningNginx.StartAsync(binary, configuration, upstream.Members);

        var statuses = new List<HttpStatusCode>();
        for (var request = 0; request < 10; request++)
        {
            using var response = await nginx.SendAsync(HttpMethod.Get, "/name");
            statuses.Add(response.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(502)]
    public async Task A_maintenance_rule_shows_its_page_and_leaves_nginx_healthy(int status)
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await StartAsync($"if (-f {_page.Path}) {{ return {status}; }}", Samples.Api(one.Address, two.Address));

        using var response = await nginx.SendAsync(HttpMethod.Get, "/name");
        using var health = await nginx.SendAsync(HttpMethod.Get, NginxConfiguration.HealthPath);

        await AssertSorryAsync((HttpStatusCode)status, response);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task A_maintenance_rule_leaves_problem_details_alone()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync("if ($request_method = POST) { return 413; }", upstream.Members);

        using var response = await nginx.SendAsync(HttpMethod.Post, "/name");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_rule_does_not_stop_a_request_from_being_tried_on_every_member()
    {
        await using var one = await Upstream.StartAsync("one");
        var gone = Enumerable.Range(0, 6).Select(index => $"unix:/nowhere-{index}.sock");
        await using var nginx = await StartAsync("if ($http_x_blocked) { return 403; }", Samples.Api([.. gone, one.Address]));

        using var passed = await nginx.SendAsync(HttpMethod.Get, "/name");
        using var blocked = await nginx.SendAsync(HttpMethod.Get, "/name", ("X-Blocked", "1"));

        Assert.Equal("one", await passed.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, blocked.StatusCode);
    }

    [Theory]
    [InlineData("deny all;", HttpStatusCode.Forbidden)]
    [InlineData("auth_basic secret;\nauth_basic_user_file /dev/null;", HttpStatusCode.Unauthorized)]
    public async Task A_client_that_is_kept_out_sees_the_page_that_says_so(string snippet, HttpStatusCode status)
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await StartAsync(snippet, Samples.Api(one.Address, two.Address));

        using var response = await nginx.SendAsync(HttpMethod.Get, "/name");
        using var health = await nginx.SendAsync(HttpMethod.Get, NginxConfiguration.HealthPath);

        await AssertSorryAsync(status, response);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task A_location_for_every_html_file_does_not_take_the_error_pages()
    {
        await using var nginx = await StartAsync("location ~ \\.html$ { return 418; }", Samples.Api());

        using var response = await nginx.SendAsync(HttpMethod.Get, "/name");

        await AssertSorryAsync(HttpStatusCode.BadGateway, response);
    }

    [Fact]
    public async Task No_path_of_nginx_itself_is_a_way_around_a_rule()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync("return 403;", upstream.Members);

        using var response = await nginx.SendAsync(HttpMethod.Get, $"{NginxConfiguration.OwnPath}any");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    public void Dispose() => _page.Dispose();

    private NginxConfiguration Configuration(string snippet) => Samples.Minimal with
    {
        Listen = null,
        Cors = Samples.AnyOrigin,
        ErrorPages = [new(_page.Path, [401, 403, 502, 503])],
        ProblemDetails = true,
        Snippets = [new(NginxSnippetContext.Server, snippet, null)],
    };

    private Task<RunningNginx> StartAsync(string snippet, NginxUpstream upstream) =>
        RunningNginx.StartAsync(binary, Configuration(snippet), upstream);

    private static async Task AssertSorryAsync(HttpStatusCode status, HttpResponseMessage response) =>
        Assert.Equal((status, "<title>Sorry</title>"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
}
