using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>What one client, and all together, can have the real nginx hold.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class LimitsTests(NginxBinary binary)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static NginxConfiguration Proxy => Samples.Minimal with { Listen = null };

    [Fact]
    public async Task Response_headers_of_tens_of_kB_pass()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        using var response = await nginx.SendAsync(HttpMethod.Post, "/cookies");

        Assert.Equal((HttpStatusCode.OK, 5), (response.StatusCode, response.Headers.GetValues("Set-Cookie").Count()));
    }

    [Theory]
    [InlineData(1, 9_000)]
    [InlineData(1, 32_000)]
    [InlineData(6, 5_300)]
    [InlineData(3, 10_600)]
    public async Task Request_headers_that_Kestrel_takes_pass(int count, int length)
    {
        await using var upstream = await Upstream.StartTcpAsync("one");
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);
        using var direct = new HttpClient(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{upstream.Url}/name");
        (string Name, string Value)[] headers = [.. Enumerable.Range(0, count).Select(index => ($"X-{index}", new string('x', length)))];
        Array.ForEach(headers, header => request.Headers.Add(header.Name, header.Value));

        using var alone = await direct.SendAsync(request);
        using var proxied = await nginx.SendAsync(HttpMethod.Get, "/name", headers);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (alone.StatusCode, proxied.StatusCode));
    }

    [Fact]
    public async Task Large_bodies_are_bounded_and_others_are_served()
    {
        const int PerClient = 3;
        const int Sent = 40_000;
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(
            binary,
            Proxy with
            {
                Limits = new() { MaxBodySize = 50_000, BodyBufferSize = 4096, LargeBodies = 10, LargeBodiesPerClient = PerClient },
                ProblemDetails = true,
            },
            upstream.Members);
        var connections = new List<TcpClient>();
        try
        {
            for (var index = 0; index < PerClient; index++)
            {
                var header = index == 0 ? "Transfer-Encoding: chunked" : "Content-Length: 50000";
                connections.Add(await BeginBodyAsync(nginx.Port, header, Sent, index == 0));
            }

            await WaitForAsync(() => FolderSize(nginx.Folder) > PerClient * (Sent - 8192));
            using var refused = await nginx.Client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(new byte[Sent]));
            using var small = await nginx.Client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(new byte[999]));

            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
            Assert.Equal("5", Assert.Single(refused.Headers.GetValues("Retry-After")));
            Assert.Equal("999 bytes", await small.Content.ReadAsStringAsync());
            Assert.False(small.Headers.Contains("Retry-After"));
            Assert.InRange(FolderSize(nginx.Folder), 1, PerClient * 50_000);
        }
        finally
        {
            connections.ForEach(static connection => connection.Dispose());
        }

        await WaitForAsync(() => FolderSize(nginx.Folder) == 0);
        using var again = await nginx.Client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(new byte[Sent]));
        Assert.Equal("40000 bytes", await again.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task All_clients_together_are_bounded_too()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(
            binary, Proxy with { Limits = new() { LargeBodies = 1 } }, upstream.Members);

        using var first = await BeginBodyAsync(nginx.Port, "Content-Length: 50000", 40_000);
        await WaitForAsync(() => FolderSize(nginx.Folder) > 0);
        using var refused = await nginx.Client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(new byte[40_000]));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    [Fact]
    public async Task A_client_beyond_its_rate_is_told_when_to_come_back()
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Limits = new() { RequestsPerSecond = 1 } };
        await using var nginx = await RunningNginx.StartAsync(binary, configuration, upstream.Members);

        var responses = new List<HttpResponseMessage>();
        for (var request = 0; request < 5; request++)
        {
            responses.Add(await nginx.SendAsync(HttpMethod.Get, "/name"));
        }

        var refused = responses.First(static response => response.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.Equal("1", Assert.Single(refused.Headers.GetValues("Retry-After")));
        Assert.False(responses[0].Headers.Contains("Retry-After"));
        responses.ForEach(static response => response.Dispose());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2 * 1024 * 1024)]
    public async Task A_download_that_is_read_slowly_fills_no_disk(long limit)
    {
        await using var upstream = await Upstream.StartAsync();
        var configuration = Proxy with { Upstream = new() { MaxResponseFileSize = limit } };
        await using var nginx = await RunningNginx.StartAsync(binary, configuration, upstream.Members);
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync("127.0.0.1", nginx.Port);
        await client.GetStream().WriteAsync("GET /download HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());

        // The end of the file is the sign that nginx has stopped to read.
        await WaitForAsync(() => FolderSize(nginx.Folder) >= limit / 2);
        var largest = 0L;
        for (var look = 0; look < 20; look++)
        {
            largest = Math.Max(largest, FolderSize(nginx.Folder));
            await client.GetStream().ReadExactlyAsync(new byte[64 * 1024]).AsTask().WaitAsync(Deadline);
        }

        Assert.InRange(largest, 0, limit + (256 * 1024));
    }

    /// <summary>Sends the headers of a request, and a part of its body.</summary>
    private static async Task<TcpClient> BeginBodyAsync(int port, string header, int length, bool chunked = false)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        var chunk = chunked ? $"{length:x}\r\n" : "";
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"POST /echo HTTP/1.1\r\nHost: a\r\n{header}\r\n\r\n{chunk}{new string('x', length)}"));
        return client;
    }

    /// <summary>nginx deletes a temporary file when it has opened it, so its size is seen by the processes that hold it.</summary>
    private static long FolderSize(string folder) => Directory
        .GetDirectories("/proc")
        .Where(static process => int.TryParse(Path.GetFileName(process), out _))
        .SelectMany(process => OpenFiles(process, folder))
        .Distinct()
        .Sum(static file => file.Size);

    private static IEnumerable<(string File, long Size)> OpenFiles(string process, string folder)
    {
        try
        {
            return
            [
                .. Directory.GetFiles($"{process}/fd")
                    .Select(static link => (Link: link, Target: new FileInfo(link).LinkTarget ?? ""))
                    .Where(link => link.Target.StartsWith($"{folder}/temp/", StringComparison.Ordinal))
                    .Select(static link => (link.Target, File.OpenHandle(link.Link)))
                    .Select(static file =>
                    {
                        using (file.Item2)
                        {
                            return (file.Target, RandomAccess.GetLength(file.Item2));
                        }
                    }),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            // What nginx holds in memory and on disk is seen by looking at it; there is no event.
            await Task.Delay(20, deadline.Token);
        }
    }
}
