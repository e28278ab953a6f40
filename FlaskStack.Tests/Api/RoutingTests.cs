using System.Net;
using System.Text.Json;

namespace FlaskStack.Tests.Api;

public sealed class RoutingTests
{
    [Fact]
    public async Task Greets_over_tcp_and_unix_socket()
    {
        await using var host = await ApiHost.StartAsync();
        using var socketClient = host.OverUnixSocket();

        Assert.Equal("Hello World!", await host.Client.GetStringAsync(new Uri("/", UriKind.Relative)));
        using var response = await socketClient.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("Hello World!", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Answers_head_like_get_without_the_body()
    {
        await using var host = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/");

        using var response = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(12, response.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("GET", "/nope", HttpStatusCode.NotFound, null)]
    [InlineData("GET", "/testing/instance", HttpStatusCode.NotFound, null)]
    [InlineData("GET", "/openapi/v1.json", HttpStatusCode.NotFound, null)]
    [InlineData("GET", "/server", HttpStatusCode.MethodNotAllowed, "POST")]
    [InlineData("OPTIONS", "/server", HttpStatusCode.MethodNotAllowed, "POST")]
    [InlineData("DELETE", "/", HttpStatusCode.MethodNotAllowed, "GET, HEAD")]
    [InlineData("POST", "/health", HttpStatusCode.MethodNotAllowed, "GET, HEAD")]
    public async Task Answers_a_problem_to_what_is_not_served(string method, string path, HttpStatusCode status, string? allow)
    {
        await using var host = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await host.Client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(allow, response.Content.Headers.Allow.Count == 0 ? null : string.Join(", ", response.Content.Headers.Allow));
        Assert.Contains(path, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_how_many_requests_it_served_and_counts_no_probe()
    {
        await using var host = await ApiHost.StartAsync();
        foreach (var path in new[] { "/", "/health", "/alive", "/nope", "/alive/requests" })
        {
            await StatusAsync(host, path);
        }

        Assert.Equal("2", await host.Client.GetStringAsync(new Uri("/alive/requests", UriKind.Relative)));
    }

    [Fact]
    public async Task Health_turns_bad_while_the_process_stays_alive()
    {
        await using var host = await ApiHost.StartWithTestingAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/health"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/testing/unhealthy?on=true"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(host, "/health"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/alive"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/testing/unhealthy?on=false"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/health"));
    }

    [Fact]
    public async Task Describes_both_routes_and_their_problems_in_development()
    {
        await using var host = await ApiHost.StartAsync(null, "--environment=Development");

        var document = JsonElement.Parse(await host.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));

        var paths = document.GetProperty("paths");
        Assert.Equal(["/", "/server"], paths.EnumerateObject().Select(path => path.Name));
        var server = paths.GetProperty("/server").GetProperty("post");
        Assert.Equal(
            "data",
            server.GetProperty("requestBody")
                .GetProperty("content")
                .GetProperty("application/json")
                .GetProperty("schema")
                .GetProperty("required")[0]
                .GetString());
        Assert.Equal(
            ["200", "400", "413", "415", "500"],
            server.GetProperty("responses").EnumerateObject().Select(response => response.Name));
        Assert.Equal(
            "integer",
            document.GetProperty("components")
                .GetProperty("schemas")
                .GetProperty("Problem")
                .GetProperty("properties")
                .GetProperty("status")
                .GetProperty("type")
                .GetString());
    }

    private static async Task<HttpStatusCode> StatusAsync(ApiHost host, string path)
    {
        using var response = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }
}
