using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using FlaskStack.Tests.Api;
using FlaskStack.Tests.Hostile;

namespace FlaskStack.Tests.ServiceDefaults;

public sealed class ServerDefaultsTests
{
    private const string Host = "Host: api\r\n";
    private const string Close = "Connection: close\r\n\r\n";

    [Theory]
    [InlineData("caf\u00e9", "café")]
    [InlineData("caf\u00c3\u00a9", "café")]
    [InlineData("\u00e9 \u00c3\u00a9 \u00ff\u00fe \u00f0\u009f", "é é ÿþ ð\u009f")]
    [InlineData("\u00e9", "é")]
    [InlineData("plain", "plain")]
    public async Task Takes_every_byte_in_a_header(string bytes, string expected)
    {
        await using var host = await ApiHost.StartWithTestingAsync();

        var seen = JsonElement.Parse((await AskAsync(host, $"GET /testing/headers HTTP/1.1\r\n{Host}X-Name: {bytes}\r\n{Close}")).Body);

        Assert.Equal(expected, seen.GetProperty("headers").GetProperty("X-Name")[0].GetString());
    }

    [Theory]
    [InlineData("tracestate: =,;\u00ff")]
    [InlineData("tracestate: \u0001\u001b[31m")]
    [InlineData("traceparent: 00-x")]
    [InlineData("baggage: \u00e9=\u0001")]
    public async Task Takes_trace_context_that_is_not_valid(string header)
    {
        await using var host = await ApiHost.StartWithTestingAsync();

        var response = await AskAsync(
            host,
            $"GET / HTTP/1.1\r\n{Host}traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n{header}\r\n{Close}");

        Assert.Equal(200, response.Status);
    }

    [Theory]
    [InlineData(150)]
    [InlineData(900)]
    public async Task Takes_many_headers(int count)
    {
        await using var host = await ApiHost.StartAsync();

        Assert.Equal(200, (await AskAsync(host, $"GET / HTTP/1.1\r\n{Host}{Headers(count)}{Close}")).Status);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n{many}{host}{close}", 431)]
    [InlineData("GET / HTTP/1.1\r\n{large}{host}{close}", 431)]
    [InlineData("GET /{long} HTTP/1.1\r\n{host}{close}", 414)]
    [InlineData("GET / HTTP/1.1\r\n{close}", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a:1:2\r\n{close}", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a:abc\r\n{close}", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: good.example:80@evil.example:81\r\n{close}", 400)]
    [InlineData("GET http://evil.example:99/ HTTP/1.1\r\nHost: good.example:77\r\n{close}", 400)]
    [InlineData("GET / HTTP/1.1\r\n{host}X: a\0b\r\n{close}", 400)]
    [InlineData("GET / HTTP/1.1\r\n{host}no colon\r\n{close}", 400)]
    [InlineData("GET / HTTP/1.1\r\n{host} folded: x\r\n{close}", 400)]
    [InlineData("POST /server HTTP/1.1\r\n{host}Content-Length: x\r\n{close}", 400)]
    [InlineData("POST /server HTTP/1.1\r\n{host}Content-Length: 1\r\nContent-Length: 2\r\n{close}", 400)]
    [InlineData("GET / HTTP/7.7\r\n{host}{close}", 505)]
    [InlineData("GET * HTTP/1.1\r\n{host}{close}", 405)]
    [InlineData("nonsense\r\n\r\n", 400)]
    public async Task Answers_with_problem_details_what_the_server_itself_refuses(string request, int status)
    {
        await using var host = await ApiHost.StartAsync();
        var text = new StringBuilder(request)
            .Replace("{many}", Headers(1100))
            .Replace("{large}", $"X: {new string('x', 70_000)}\r\n")
            .Replace("{long}", new string('x', 9000))
            .Replace("{host}", Host)
            .Replace("{close}", Close)
            .ToString();

        var response = await AskAsync(host, text);

        Assert.Equal(status, response.Status);
        Assert.True(response.IsProblem);
        Assert.Equal("close", response.Headers["Connection"].Single());
        Assert.Equal("nosniff", response.Headers["X-Content-Type-Options"].Single());
        Assert.Equal(status == 405 ? ["OPTIONS"] : [], response.Headers["Allow"]);
        var problem = JsonElement.Parse(response.Body);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task Answers_the_requests_before_a_refused_one()
    {
        await using var host = await ApiHost.StartAsync();

        var responses = await RawHttp.ExchangeAsync(
            EndPointOf(host),
            $"GET / HTTP/1.1\r\n{Host}\r\nGET /nope HTTP/1.1\r\n{Host}\r\n"
            + $"GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\nGET / HTTP/1.1\r\n{Host}\r\n");

        Assert.Equal([200, 404, 400], responses.Select(response => response.Status));
        Assert.True(responses[^1].IsProblem);
    }

    private static string Headers(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"X-{i}: {i}\r\n")));

    private static async Task<RawResponse> AskAsync(ApiHost host, string request) =>
        Assert.Single(await RawHttp.ExchangeAsync(EndPointOf(host), request));

    private static IPEndPoint EndPointOf(ApiHost host) => new(IPAddress.Loopback, host.Address.Port);
}
