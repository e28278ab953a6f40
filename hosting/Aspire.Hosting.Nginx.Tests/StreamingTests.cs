using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Requests and responses that pass the real nginx part by part.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class StreamingTests(NginxBinary binary)
{
    private const string Compressed = "gzip on; gzip_types text/event-stream application/x-ndjson application/json;";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("/events", "text/event-stream", true, "")]
    [InlineData("/events", "text/event-stream", true, Compressed)]
    [InlineData("/lines", "*/*", true, "")]
    [InlineData("/lines", "*/*", true, "gzip on; gzip_types application/json text/plain;")]
    [InlineData("/lines", "*/*", false, Compressed)]
    public async Task Each_part_of_a_response_arrives_at_once(string path, string accept, bool buffering, string snippet)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, new() { ResponseBuffering = buffering }, snippet);
        using var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Headers = { { "Accept", accept }, { "Accept-Encoding", "gzip" } },
        };

        using var response = await nginx.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        await using var text = response.Content.Headers.ContentEncoding.Contains("gzip")
            ? new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Decompress)
            : body;
        var buffer = new byte[64];
        var read = await text.ReadAsync(buffer).AsTask().WaitAsync(Deadline);

        Assert.Contains(
            path == "/events" ? "data: one" : "{\"line\":1}",
            Encoding.UTF8.GetString(buffer, 0, read),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_of_a_body_and_of_its_response_cross_on_a_route_without_request_buffering()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, new() { RequestBuffering = false }, "");
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", nginx.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /duplex HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());

        foreach (var part in new[] { "first", "other" })
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"5\r\n{part}\r\n"));
            var received = "";
            while (!received.Contains(part, StringComparison.Ordinal))
            {
                var buffer = new byte[1024];
                var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(Deadline);
                Assert.NotEqual(0, read);
                received += Encoding.ASCII.GetString(buffer, 0, read);
            }
        }
    }

    private Task<RunningNginx> StartAsync(Upstream upstream, NginxRouteOptions options, string snippet) => RunningNginx.StartAsync(
        binary,
        Samples.Minimal with
        {
            Listen = null,
            Routes = [new("/", "api") { Options = options }],
            Snippets = snippet.Length == 0 ? [] : [new(NginxSnippetContext.Server, snippet, null)],
        },
        upstream.Members);
}
