using System.Net;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Text.Json;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>What the real nginx answers itself: errors, and paths that are not for clients.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class RejectionTests(NginxBinary binary)
{
    private static NginxConfiguration Proxy => Samples.Minimal with { Listen = null, ProblemDetails = true };

    [Theory]
    [InlineData("GET /elsewhere HTTP/1.1\r\nHost: a\r\n", 404)]
    [InlineData("TRACE /name HTTP/1.1\r\nHost: a\r\n", 405)]
    [InlineData("GET /name HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: zip\r\n", 501)]
    [InlineData("GET /name HTTP/2.0\r\nHost: a\r\n", 505)]
    [InlineData("GET /name HTTP/1.1\r\n", 400)]
    public async Task Its_own_errors_are_problem_details(string request, int status)
    {
        await using var upstream = await Upstream.StartAsync();
        foreach (var names in new string[][] { [], ["a"] })
        {
            await using var nginx = await RunningNginx.StartAsync(
                binary, Proxy with { Routes = [new("/name", "api")], ServerNames = [.. names] }, upstream.Members);

            var response = await nginx.SendRawAsync($"{request}Connection: close\r\n\r\n");

            Assert.StartsWith($"HTTP/1.1 {status} ", response, StringComparison.Ordinal);
            Assert.Contains("application/problem+json", response, StringComparison.Ordinal);
            Assert.Contains($"\"status\":{status},", response, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Headers_that_are_too_large_are_a_problem_of_the_client()
    {
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, Samples.Api());

        var response = await nginx.SendRawAsync($"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('x', 40_000)}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.Contains("\"status\":400,", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unix:/nowhere.sock")]
    [InlineData("unix:/nowhere.sock", "unix:/nowhere-either.sock")]
    public async Task A_missing_service_is_a_problem_unless_it_has_a_page(params string[] members)
    {
        using var page = new TemporaryFile("<title>Sorry</title>");
        await using var problems = await RunningNginx.StartAsync(binary, Proxy, Samples.Api(members));
        await using var pages = await RunningNginx.StartAsync(
            binary, Proxy with { ErrorPages = [new(page.Path, [502])] }, Samples.Api(members));

        using var problem = await problems.SendAsync(HttpMethod.Post, "/name");
        using var shown = await pages.SendAsync(HttpMethod.Post, "/name");

        Assert.Equal(HttpStatusCode.BadGateway, problem.StatusCode);
        Assert.Equal(502, JsonElement.Parse(await problem.Content.ReadAsStringAsync()).GetProperty("status").GetInt32());
        Assert.Equal((HttpStatusCode.BadGateway, "<title>Sorry</title>"), (shown.StatusCode, await shown.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData(".json", "application/json")]
    [InlineData(".txt", "text/plain; charset=utf-8")]
    [InlineData(".htm", "text/html; charset=utf-8")]
    public async Task An_error_page_has_the_type_of_its_file(string extension, string type)
    {
        using var folder = new TemporaryFolder();
        var page = folder.WriteFile($"page{extension}", "{}");
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy with { ErrorPages = [new(page, [502])] }, Samples.Api());

        using var response = await nginx.SendAsync(HttpMethod.Get, "/name");

        Assert.Equal((HttpStatusCode.BadGateway, type), (response.StatusCode, response.Content.Headers.ContentType?.ToString()));
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/HEALTH")]
    [InlineData("/health/")]
    [InlineData("/he%61lth")]
    [InlineData("//health")]
    [InlineData("/x/../alive")]
    [InlineData("/Alive/requests")]
    [InlineData("/openapi/v1.json")]
    public async Task Private_paths_are_not_there(string path)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        var response = await nginx.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 404 ", response, StringComparison.Ordinal);
        Assert.Contains("There is nothing at this path.", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_paths_and_those_with_a_route_are_open()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var all = await RunningNginx.StartAsync(binary, Proxy with { PrivatePaths = [] }, upstream.Members);
        await using var some = await RunningNginx.StartAsync(
            binary, Proxy with { Routes = [new("/", "api"), new("/OpenApi/v1.json", "api")] }, upstream.Members);

        var open = new[] { (all, "/health"), (all, "/openapi"), (some, "/openapi/v1.json"), (some, "/healthy"), (some, "/x/health") };
        foreach (var (nginx, path) in open)
        {
            using var response = await nginx.SendAsync(HttpMethod.Get, path);
            // The service does not have it, and says so without a body.
            Assert.Equal((path, ""), (path, await response.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task A_trusted_proxy_says_who_the_client_is_and_others_do_not()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var trusting = await RunningNginx.StartAsync(
            binary, Proxy with { TrustedProxies = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"] }, upstream.Members);
        await using var other = await RunningNginx.StartAsync(binary, Proxy with { TrustedProxies = ["192.0.2.0/24"] }, upstream.Members);

        var believed = await HeadersAsync(trusting, "6.6.6.6, 203.0.113.7, 10.1.2.3");
        var replaced = await HeadersAsync(other, "203.0.113.7");

        Assert.Equal(
            ("203.0.113.7", "203.0.113.7", "https"),
            (believed["X-Forwarded-For"], believed["X-Real-IP"], believed["X-Forwarded-Proto"]));
        Assert.Equal(
            ("127.0.0.1", "127.0.0.1", "http"),
            (replaced["X-Forwarded-For"], replaced["X-Real-IP"], replaced["X-Forwarded-Proto"]));
    }

    private static async Task<Dictionary<string, string>> HeadersAsync(RunningNginx nginx, string forwarded)
    {
        using var response = await nginx.SendAsync(
            HttpMethod.Get, "/headers", ("X-Forwarded-For", forwarded), ("X-Forwarded-Proto", "https"));
        return (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
    }
}
