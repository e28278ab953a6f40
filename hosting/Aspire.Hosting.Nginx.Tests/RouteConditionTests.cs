using System.Net;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Routes that headers and query parameters decide on, and directives of one route, in the real nginx.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class RouteConditionTests(NginxBinary binary)
{
    [Theory]
    [InlineData("/name", null, "one")]
    [InlineData("/name", "2", "two")]
    [InlineData("/name", "2 ", "two")]
    [InlineData("/name", "BETA a", "two")]
    [InlineData("/name", "betaXa", "one")]
    [InlineData("/name", "22", "one")]
    [InlineData("/name?v=a%20b", null, "two")]
    [InlineData("/name?v=A+b", null, "two")]
    [InlineData("/name?x=1&V=a%20%62", null, "two")]
    [InlineData("/name?v=a", null, "one")]
    [InlineData("/name?debug=", null, "one")]
    [InlineData("/name?debug=1", null, "two")]
    public async Task Goes_by_header_and_query(string path, string? version, string expected)
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        NginxRoute next = new("/", "next");
        await using var nginx = await StartAsync(
            [
                new("/", "api"),
                next with { Headers = [new("X-Version", ["2", "beta a"])] },
                next with { QueryParameters = [new("v", ["a b"])] },
                next with { QueryParameters = [new("debug", [])] },
            ],
            one, two);

        using var response = version is null
            ? await nginx.SendAsync(HttpMethod.Get, path)
            : await nginx.SendAsync(HttpMethod.Get, path, ("X-Version", version));

        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task More_conditions_win_and_none_is_404()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        NginxRoute api = new("/name", "api") { Headers = [new("X-Version", ["2"])] };
        await using var nginx = await StartAsync(
            [api, api with { Upstream = "next", Methods = ["GET"], QueryParameters = [new("v", ["2"])] }], one, two);

        async Task<string> AskAsync(HttpMethod method, string path)
        {
            using var response = await nginx.SendAsync(method, path, ("X-Version", "2"));
            return response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadAsStringAsync() : response.StatusCode.ToString();
        }

        Assert.Equal("two", await AskAsync(HttpMethod.Get, "/name?v=2"));
        Assert.Equal("one", await AskAsync(HttpMethod.Get, "/name?v=3"));
        using var none = await nginx.SendAsync(HttpMethod.Get, "/name?v=2");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Theory]
    [InlineData("/echo", HttpStatusCode.Forbidden)]
    [InlineData("/echo", HttpStatusCode.Forbidden, "Accept", "text/event-stream")]
    [InlineData("/echo", HttpStatusCode.Forbidden, "Upgrade", "websocket")]
    [InlineData("/name", HttpStatusCode.OK)]
    public async Task An_access_rule_of_a_route_holds_on_every_way(
        string path, HttpStatusCode expected, string? header = null, string value = "")
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await StartAsync(
            [new("/", "api"), new("/echo", "api") { Snippet = "deny all; # no one" }], one, two, isBoth: true);

        using var response = header is null
            ? await nginx.SendAsync(HttpMethod.Get, path)
            : await nginx.SendAsync(HttpMethod.Get, path, (header, value));
        using var unusual = await nginx.SendAsync(new HttpMethod("PROPFIND"), "/echo");

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, unusual.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Directives_of_a_route_keep_what_the_options_set()
    {
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        await using var nginx = await StartAsync(
            [
                new("/", "api")
                {
                    Options = new() { ResponseBuffering = false },
                    Snippet = "proxy_read_timeout 10m;\nproxy_buffering off;\nset $a \"}\";",
                },
            ],
            one,
            two,
            isBoth: true);

        using var response = await nginx.SendAsync(HttpMethod.Get, "/headers", ("X-Forwarded-For", "6.6.6.6"));

        var headers = (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"]);
    }

    [Theory]
    [InlineData("add_header X-Team blue;", "add_header in a location would take the place")]
    [InlineData("limit_rate 1k; \"proxy_set_header\" X-Team blue;", "use WithTransformRequestHeader")]
    [InlineData("limit_rate 1k", "the last directive has no end")]
    [InlineData("set $a \"x;", "the last directive has no end")]
    [InlineData("} location / {", "a block is closed that was not opened")]
    [InlineData("types { ", "the last directive has no end")]
    [InlineData("# ;\nif ($a) { set $b ${a}; }", "use WithMatchHeaders")]
    public void Refuses_directives_that_break_others(string snippet, string expected)
    {
        var errors = NginxConfigurationValidator.Validate(Samples.Minimal with { Routes = [new("/", "api") { Snippet = snippet }] });

        Assert.Contains(errors, error =>
            error.StartsWith("WithLocationSnippet: ", StringComparison.Ordinal)
            && error.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("limit_rate 1k;")]
    [InlineData("set $a \"};\\\"{\"; # {\nset $b ${a}x;")]
    public void Takes_directives_with_braces_in_words(string snippet) =>
        Assert.Empty(LocationSnippet.Errors(snippet));

    [Fact]
    public void Refuses_conditions_that_nginx_cannot_look_at()
    {
        NginxRoute route = new("/", "api");
        var errors = NginxConfigurationValidator.Validate(Samples.Minimal with
        {
            Routes =
            [
                route with { Headers = [new("X_Version", ["2"])] },
                route with { QueryParameters = [new("a-b", ["2"])] },
                route with { QueryParameters = [new("v", ["a\nb"])] },
                route with { Headers = [new("X-A", ["b"])], Hosts = ["a.example"] },
                route with { Headers = [new("x-a", ["B"])], Hosts = ["a.example"] },
                new("/ping", null) { Option = "AddResponse", Response = new(200, "pong", "text/plain"), Snippet = "deny all;" },
            ],
        });

        Assert.Equal(
            ["the path", "\"X_Version\" is no name", "\"a-b\" is no name", "a value of v", "\"/ping\" is passed to no resource"],
            errors.Select(static error => error.Split(": ")[1]).Select(static error =>
                error.StartsWith("the path", StringComparison.Ordinal) ? "the path"
                : error.Contains("is no name", StringComparison.Ordinal)
                    ? error[..(error.IndexOf("is no name", StringComparison.Ordinal) + 10)]
                : error.StartsWith("a value of v", StringComparison.Ordinal) ? "a value of v" : "\"/ping\" is passed to no resource"));
    }

    private Task<RunningNginx> StartAsync(NginxRoute[] routes, Upstream one, Upstream two, bool isBoth = false) => RunningNginx.StartAsync(
        binary,
        Samples.Minimal with { Cors = Samples.AnyOrigin, Routes = [.. routes] },
        Samples.Api([.. isBoth ? [one.Address, two.Address] : new[] { one.Address }]),
        new NginxUpstream("next", "http", [two.Address]));
}
