namespace FlaskStack.Tests.Hostile;

/// <summary>nginx and the API agree where each request ends: no client makes a request that nginx has not seen.</summary>
[Collection(HostileGraphGroup.Name)]
[Trait("Category", HostileGraphGroup.Category)]
public sealed class FramingTests(HostileGraph graph)
{
    private const string Post = "POST /server HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    private const string Json = """{"data":"abcdefghij"}""";
    private const string Get = "GET / HTTP/1.1\r\nHost: localhost\r\n";
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    private const string Smuggled = "GET /testing/instance HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /// <summary>21 bytes of JSON as one chunk.</summary>
    private const string Chunked = "15\r\n" + Json + "\r\n0\r\n\r\n";

    [Theory]
    // Two lengths
    [InlineData(Post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Smuggled)]
    [InlineData(Post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + Smuggled)]
    [InlineData(Post + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunked)]
    [InlineData(Post + "Content-Length: 21\r\nContent-Length: 21\r\n\r\n" + Json)]
    [InlineData(Post + "Content-Length: 0\r\nContent-Length: 21\r\n\r\n" + Json)]
    [InlineData(Post + "Content-Length: 21, 21\r\n\r\n" + Json)]
    // Lengths that are none
    [InlineData(Post + "Content-Length: +21\r\n\r\n" + Json)]
    [InlineData(Post + "Content-Length: -21\r\n\r\n" + Json)]
    [InlineData(Post + "Content-Length: 0x15\r\n\r\n" + Json)]
    [InlineData(Post + "Content-Length: 2 1\r\n\r\n" + Json)]
    [InlineData(Post + "Content-Length: 21;a\r\n\r\n" + Json)]
    [InlineData(Post + "Content-Length: 99999999999999999999\r\n\r\n" + Json)]
    [InlineData(Post + "Content-Length:\r\n\r\n" + Json)]
    // Transfer codings
    [InlineData(Post + "Transfer-Encoding: xchunked\r\n\r\n" + Chunked)]
    [InlineData(Post + "Transfer-Encoding: identity\r\n\r\n" + Chunked)]
    [InlineData(Post + "Transfer-Encoding: gzip, chunked\r\n\r\n" + Chunked)]
    [InlineData(Post + "Transfer-Encoding: chunked, identity\r\n\r\n" + Chunked)]
    [InlineData(Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + Chunked)]
    [InlineData(Post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunked)]
    [InlineData(Post + "Transfer-Encoding: \u000bchunked\r\n\r\n" + Chunked)]
    [InlineData(Post + "Transfer-Encoding: \"chunked\"\r\n\r\n" + Chunked)]
    [InlineData("POST /server HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunked)]
    // Header lines
    [InlineData(Post + "Content-Length : 21\r\n\r\n" + Json)]
    [InlineData(Post + "Transfer-Encoding : chunked\r\n\r\n" + Chunked)]
    [InlineData(Post + "Transfer-Encoding:\r\n chunked\r\n\r\n" + Chunked)]
    [InlineData(Post + "X: a\r\n Content-Length: 21\r\n\r\n" + Json)]
    [InlineData(Post + " Content-Length: 21\r\n\r\n" + Json)]
    [InlineData(Post + "X: a\rContent-Length: 21\r\n\r\n" + Json)]
    [InlineData(Post + "X: a\0Content-Length: 21\r\n\r\n" + Json)]
    [InlineData(Post + "\0Content-Length: 21\r\n\r\n" + Json)]
    // Chunks
    [InlineData(Post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n" + Json + "\r\n0\r\n\r\n")]
    [InlineData(Post + "Transfer-Encoding: chunked\r\n\r\n0x15\r\n" + Json + "\r\n0\r\n\r\n")]
    [InlineData(Post + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n" + Json + "\r\n0\r\n\r\n")]
    [InlineData(Post + "Transfer-Encoding: chunked\r\n\r\n14\r\n" + Json + "\r\n0\r\n\r\n")]
    // Request lines
    [InlineData("GET / HTTP/1.1 HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /\tHTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n")]
    [InlineData("G\0T / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task Nginx_refuses_what_two_servers_could_read_in_two_ways(string text)
    {
        var served = await graph.CountServedAsync();

        var responses = await graph.AttackAsync(text);

        var response = Assert.Single(responses);
        // Versions of nginx differ in which.
        Assert.Contains(response.Status, (int[])[400, 405, 501, 505]);
        Assert.False(response.IsOfApi);
        Assert.Equal(served, await graph.CountServedAsync());
        await AssertOthersAreServedAsync();
    }

    [Theory]
    [InlineData(Post + "Transfer-Encoding: chunked\r\n\r\n" + Chunked, 200)]
    [InlineData(Post + "tRANSFER-eNCODING: Chunked\r\n\r\n" + Chunked, 200)]
    [InlineData(Post + "Transfer-Encoding: chunked\r\n\r\n15;a=\"b\r\n" + Json + "\r\n0\r\n\r\n", 200)]
    [InlineData(Post + "Transfer-Encoding: chunked\r\n\r\n0000000015\r\n" + Json + "\r\n0\r\nX-Trailer: x\r\n\r\n", 200)]
    [InlineData(Post + "Content-Length: 21\r\n\r\n" + Json + Smuggled, 200, 200)]
    [InlineData(Post + "Transfer-Encoding: chunked\r\n\r\n" + Chunked + Smuggled, 200, 200)]
    [InlineData(Smuggled + Smuggled + Smuggled + Smuggled, 200, 200, 200, 200)]
    // A body where none is expected is no request
    [InlineData(Get + "Content-Length: 51\r\n\r\n" + Smuggled, 200)]
    [InlineData("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 51\r\n\r\n" + Smuggled, 405)]
    [InlineData("GET /assets/app.js HTTP/1.1\r\nHost: localhost\r\nContent-Length: 51\r\n\r\n" + Smuggled, 200)]
    // Lines that end with LF alone
    [InlineData("GET / HTTP/1.1\nHost: localhost\n\n", 200)]
    // No other protocol
    [InlineData(Get + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n", 200)]
    [InlineData(Get + Upgrade + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n" + Smuggled, 200, 200)]
    [InlineData(Get + Upgrade + "Sec-WebSocket-Version: 777\r\n\r\n" + Smuggled, 200, 200)]
    // Headers that a proxy could be told to drop
    [InlineData(Get + "Connection: keep-alive, Host, X-Forwarded-For\r\n\r\n", 200)]
    public async Task Each_request_gets_one_answer(string text, params int[] statuses)
    {
        var served = await graph.CountServedAsync();

        var responses = await graph.AttackAsync(text);

        Assert.Equal(statuses, responses.Select(response => response.Status));
        // And the one that ends the connection.
        Assert.Equal(served + responses.Count(response => response.IsOfApi) + 1, await graph.CountServedAsync());
        await AssertOthersAreServedAsync();
    }

    [Fact]
    public async Task Nginx_waits_for_a_body_before_a_replica_is_asked()
    {
        var served = await graph.CountServedAsync();
        await using var connection = await RawHttp.ConnectAsync(graph.Nginx);
        await connection.SendAsync($"{Post}Content-Length: 21\r\n\r\n{Json[..10]}");
        await AssertOthersAreServedAsync(served);

        await connection.SendAsync(Json[10..]);

        Assert.Equal(200, (await connection.ReceiveAsync())?.Status);
    }

    /// <summary>Checks that others, over the connections to the replicas that the attack has used, get their own answers.</summary>
    private async Task AssertOthersAreServedAsync(int? servedBefore = null)
    {
        const int requests = 6;
        var responses = await RawHttp.ExchangeAsync(
            graph.Nginx,
            string.Concat(Enumerable.Repeat(Get + "\r\n", requests - 1)) + Get + "Connection: close\r\n\r\n");
        Assert.Equal(Enumerable.Repeat("Hello World!", requests), responses.Select(response => response.Body));
        if (servedBefore is { } before)
        {
            Assert.Equal(before + requests, await graph.CountServedAsync());
        }
    }
}
