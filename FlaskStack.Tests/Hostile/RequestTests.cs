using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace FlaskStack.Tests.Hostile;

/// <summary>Odd requests that are allowed reach the API through nginx, and what is not allowed in them does not.</summary>
[Collection(HostileGraphGroup.Name)]
[Trait("Category", HostileGraphGroup.Category)]
public sealed class RequestTests(HostileGraph graph)
{
    private const string TraceParent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";

    [Fact]
    public async Task Every_byte_of_a_header_is_taken()
    {
        var response = await graph.AskAsync("GET /testing/headers HTTP/1.1\r\nHost: localhost\r\nX-Name: caf\u00e9\r\n");

        Assert.Equal("café", JsonElement.Parse(response.Body).GetProperty("headers").GetProperty("X-Name")[0].GetString());
    }

    [Fact]
    public async Task Many_headers_are_taken()
    {
        var headers = string.Concat(Enumerable.Range(0, 500).Select(i => string.Create(CultureInfo.InvariantCulture, $"X-{i}: {i}\r\n")));

        Assert.Equal(200, (await graph.AskAsync($"GET / HTTP/1.1\r\nHost: localhost\r\n{headers}")).Status);
    }

    [Fact]
    public async Task More_headers_than_the_api_takes_are_refused_with_a_reason()
    {
        var headers = string.Concat(Enumerable.Repeat("a:1\r\n", 2000));

        var response = await graph.AskAsync($"GET / HTTP/1.1\r\nHost: localhost\r\n{headers}");

        Assert.Contains(response.Status, (int[])[400, 431]);
        Assert.True(response.IsProblem);
    }

    [Theory]
    [InlineData("=,;")]
    [InlineData("a=\u00ff")]
    [InlineData("a=1,a=2")]
    public async Task A_tracestate_that_is_not_valid_is_no_reason_to_refuse(string value) => Assert.Equal(
        200, (await graph.AskAsync($"GET / HTTP/1.1\r\nHost: localhost\r\n{TraceParent}tracestate: {value}\r\n")).Status);

    [Theory]
    [InlineData("\u0001")]
    [InlineData("a=\u001b[31m")]
    [InlineData("a=1\u007f")]
    [InlineData("a=1,b=\u0008")]
    public async Task A_tracestate_with_control_bytes_does_not_reach_the_api(string value)
    {
        var response = await graph.AskAsync($"GET /testing/headers HTTP/1.1\r\nHost: localhost\r\n{TraceParent}tracestate: {value}\r\n");

        Assert.Equal(200, response.Status);
        Assert.False(JsonElement.Parse(response.Body).GetProperty("headers").TryGetProperty("tracestate", out _));
    }

    [Fact]
    public async Task A_compressed_body_is_taken_and_a_bomb_is_not()
    {
        var taken = await PostAsync(Encoding.UTF8.GetBytes("""{"data":"hello"}"""));
        var bomb = await PostAsync(new byte[100_000_000]);

        Assert.Equal((200, "hello"), (taken.Status, taken.Body));
        Assert.Equal(413, bomb.Status);
    }

    private Task<RawResponse> PostAsync(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        var bytes = compressed.ToArray();
        return SendAsync(bytes);
    }

    private async Task<RawResponse> SendAsync(byte[] body) => Assert.Single(await RawHttp.ExchangeAsync(
        graph.Nginx,
        "POST /server HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\n"
        + $"Content-Length: {body.Length}\r\n\r\n{Encoding.Latin1.GetString(body)}"));
}
