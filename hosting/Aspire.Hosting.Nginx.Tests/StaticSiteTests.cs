using System.IO.Compression;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Tests.Refusal;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>A site of static files in the real nginx.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class StaticSiteTests : IDisposable
{
    private const string Forever = "public, max-age=31536000, immutable";

    private readonly NginxBinary _binary;
    private readonly TemporaryFolder _folder = new();

    public StaticSiteTests(NginxBinary binary)
    {
        _binary = binary;
        string[] files =
        [
            "index.html", "main.3f2a1b9c.js", "my-component2.js", "facade.js", "assets/index-BdX3kq9a.js",
            "a.wasm", "a.mjs", "a.avif", "a.webmanifest", "big.css",
        ];
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
            _folder.WriteFile(file, file);
        }

        using (var gzip = new GZipStream(File.Create(_folder["big.css.gz"]), CompressionLevel.Fastest))
        {
            gzip.Write("big.css compressed"u8);
        }

        _folder.WriteFile("main.3f2a1b9c.js.br", "main in brotli");
        foreach (var folder in (string[])["", "assets"])
        {
            File.SetUnixFileMode(
                _folder[folder], File.GetUnixFileMode(_folder[folder]) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/app")]
    [InlineData("/a%20b")]
    public async Task A_path_without_a_file_is_the_page_and_a_missing_file_is_not(string path)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, path);
        var below = path.TrimEnd('/');

        foreach (var known in (string[])["/", "/orders", "/orders/7", "/orders/7/", "/assets", "/orders?next=/a.b", "/v1.2/orders"])
        {
            Assert.Equal((HttpStatusCode.OK, "index.html"), await AskAsync(nginx, below + known));
        }

        foreach (var missing in (string[])["/none.js", "/assets/none.css", "/orders/7.json"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(nginx, below + missing)).Status);
        }

        Assert.Equal((HttpStatusCode.OK, "one"), await AskAsync(nginx, "/name"));
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(nginx, "/name/none")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(nginx, NginxConfiguration.OwnPath + "none")).Status);
        using var post = await nginx.SendAsync(HttpMethod.Post, $"{below}/orders");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);

        File.Delete(_folder["index.html"]);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(nginx, $"{below}/orders")).Status);
    }

    [Theory]
    [InlineData("/", "gzip, deflate, br", true)]
    [InlineData("/a%20b", "BR;q=0.5", true)]
    [InlineData("/", "br;q=0", false)]
    [InlineData("/app", "gzip, br; q=0.0, x", false)]
    [InlineData("/", "brx, xbr", false)]
    [InlineData("/", null, false)]
    public async Task Sends_a_file_that_is_compressed_with_brotli_to_who_takes_it(string path, string? accepted, bool isSent)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, path);
        (string, string)[] headers = accepted is null ? [] : [("Accept-Encoding", accepted)];

        using var response = await nginx.SendAsync(HttpMethod.Get, $"{path.TrimEnd('/')}/main.3f2a1b9c.js?a=b", headers);
        using var other = await nginx.SendAsync(HttpMethod.Get, $"{path.TrimEnd('/')}/facade.js", headers);

        Assert.Equal(isSent ? "main in brotli" : "main.3f2a1b9c.js", await response.Content.ReadAsStringAsync());
        Assert.Equal(isSent ? ["br"] : [], response.Content.Headers.ContentEncoding);
        Assert.Equal("application/javascript; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(Forever, Assert.Single(response.Headers.GetValues("Cache-Control")));
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
        Assert.Equal("facade.js", await other.Content.ReadAsStringAsync());
        Assert.Empty(other.Content.Headers.ContentEncoding);
        using var inside = await nginx.SendAsync(HttpMethod.Get, "/-/nginx/br/1/main.3f2a1b9c.js", headers);
        Assert.Equal(HttpStatusCode.NotFound, inside.StatusCode);
    }

    [Fact]
    public async Task Browsers_keep_what_never_changes_and_ask_for_the_rest()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, "/");

        foreach (var (path, expected) in new[]
        {
            ("/main.3f2a1b9c.js", Forever),
            ("/assets/index-BdX3kq9a.js", Forever),
            ("/my-component2.js", "no-cache"),
            ("/facade.js", "no-cache"),
            ("/orders", "no-cache"),
            ("/none.3f2a1b9c.js", null),
            ("/name", null),
        })
        {
            using var response = await nginx.SendAsync(HttpMethod.Get, path);
            Assert.Equal(expected, response.Headers.TryGetValues("Cache-Control", out var values) ? Assert.Single(values) : null);
        }

        using var first = await nginx.SendAsync(HttpMethod.Get, "/facade.js");
        using var second = await nginx.SendAsync(HttpMethod.Get, "/facade.js", ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData("/a.wasm", "application/wasm")]
    [InlineData("/a.mjs", "application/javascript")]
    [InlineData("/a.avif", "image/avif")]
    [InlineData("/a.webmanifest", "application/manifest+json")]
    public async Task Knows_the_content_type(string path, string expected)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, "/");

        using var response = await nginx.SendAsync(HttpMethod.Get, path);

        Assert.Equal(expected, response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Sends_what_was_compressed_before_to_who_accepts_it()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream, "/");

        using var compressed = await nginx.SendAsync(HttpMethod.Get, "/big.css", ("Accept-Encoding", "gzip"));
        using var plain = await nginx.SendAsync(HttpMethod.Get, "/big.css");

        Assert.Equal(
            ("gzip", "text/css"),
            (Assert.Single(compressed.Content.Headers.ContentEncoding), compressed.Content.Headers.ContentType?.MediaType));
        Assert.Contains("Accept-Encoding", compressed.Headers.Vary);
        Assert.Equal("big.css", await plain.Content.ReadAsStringAsync());
    }

    [Fact]
    public void Refuses_a_folder_that_has_nothing_to_serve()
    {
        var nginx = TestApplication.CreateBuilder().AddNginx("nginx");
        Directory.CreateDirectory(_folder["empty"]);

        AssertRefused("call WithStaticFiles before it", () => nginx.WithSpaFallback());
        AssertRefused($"{_folder["none"]} does not exist", () => nginx.WithStaticFiles("/", _folder["none"]));
        AssertRefused($"{_folder["empty"]} is empty", () => nginx.WithStaticFiles("/", _folder["empty"]));
        nginx.WithStaticFiles("/", _folder.Path);
        AssertRefused($"{_folder["200.html"]} does not exist", () => nginx.WithSpaFallback("200.html"));
        AssertRefused(
            "\"../x\" is no path",
            () => nginx.WithStaticFiles("/x", _folder.Path, files => files with { ImmutableFolders = ["../x"] }));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(RunningNginx nginx, string path)
    {
        using var response = await nginx.SendAsync(HttpMethod.Get, path);
        return (response.StatusCode, Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync()));
    }

    private Task<RunningNginx> StartAsync(Upstream upstream, string path) => RunningNginx.StartAsync(
        _binary,
        Samples.Minimal with
        {
            Listen = null,
            Routes = [new("/name", "api")],
            StaticFiles = [new(path, _folder.Path) { Fallback = "index.html", ImmutableFolders = ["assets"], HasBrotli = true }],
        },
        upstream.Members);
}
