using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.Nginx.Publishing;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Folders that the real nginx serves, and those that are published.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class StaticFilesTests : IDisposable
{
    private readonly NginxBinary _binary;
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _outside = new();

    public StaticFilesTests(NginxBinary binary)
    {
        _binary = binary;
        Open(_folder.Path);
        Open(_outside.Path);
        string[] files =
            ["index.html", "a.txt", ".env", ".git/config", "sub/.env", "sub/b.txt", ".well-known/security.txt", ".well-known/.git/config"];
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
            _folder.WriteFile(file, file);
        }

        _outside.WriteFile("secret.txt", "secret");
        File.CreateSymbolicLink(_folder["link.txt"], _outside["secret.txt"]);
        File.CreateSymbolicLink(_folder["inside.txt"], _folder["a.txt"]);
        Directory.CreateSymbolicLink(_folder["out"], _outside.Path);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets")]
    [InlineData("/a.b+(c)")]
    public async Task Hidden_files_are_not_there(string path)
    {
        var escaped = path.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal);
        await using var nginx = await StartAsync(escaped);
        var below = escaped.TrimEnd('/');

        string[] hiddenPaths =
            [".env", "%2eenv", ".git/config", "sub/.env", "./.env", "sub/../.env", ".well-known/.git/config", ".well-knownx/a"];
        foreach (var hidden in hiddenPaths)
        {
            Assert.Contains("404", await StatusLineAsync(nginx, $"{below}/{hidden}"), StringComparison.Ordinal);
        }

        foreach (var shown in new[] { "a.txt", "sub/b.txt", ".well-known/security.txt" })
        {
            Assert.Contains("200", await StatusLineAsync(nginx, $"{below}/{shown}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        await using var nginx = await StartAsync("/assets");

        foreach (var link in new[] { "link.txt", "out/secret.txt", "inside.txt" })
        {
            var response = await nginx.SendRawAsync($"GET /assets/{link} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            Assert.Matches("^HTTP/1.1 40[34] ", response);
            Assert.DoesNotContain("secret", response, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_folder_may_itself_be_reached_by_a_link()
    {
        Directory.CreateSymbolicLink(_outside["current"], _folder.Path);
        await using var nginx = await RunningNginx.StartAsync(
            _binary, Samples.Minimal with { Listen = null, Routes = [], StaticFiles = [new("/assets", _outside["current"])] });

        Assert.Contains("200", await StatusLineAsync(nginx, "/assets/a.txt"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/caf%C3%A9", "/caf%c3%a9")]
    [InlineData("/a%2Bb", "/a+b")]
    [InlineData("/a+b", "/a%2bb")]
    [InlineData("/a%20b", "/a%20b")]
    [InlineData("/100%25", "/100%25")]
    [InlineData("/a%22%5C%7B%3B%23b", "/a%22%5C%7b%3B%23b")]
    public async Task A_path_matches_in_every_spelling(string declared, string requested)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(
            _binary,
            Samples.Minimal with { Listen = null, Routes = [new($"{declared}/api", "api")], StaticFiles = [new(declared, _folder.Path)] },
            upstream.Members);

        Assert.Contains("200", await StatusLineAsync(nginx, $"{requested}/a.txt"), StringComparison.Ordinal);
        var passed = await nginx.SendRawAsync($"GET {requested}/api/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.DoesNotContain("<html>", passed, StringComparison.Ordinal);
        Assert.Contains("404", passed, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_hidden_or_linked_is_not_published()
    {
        var builder = DistributedApplication.CreateBuilder(
            new DistributedApplicationOptions { Args = ["--operation", "publish"], DisableDashboard = true });
        var nginx = builder.AddNginx("nginx").WithStaticFiles("/assets", _folder.Path);

        var files = NginxImage.FilesFor(nginx.Resource).Where(file => file.Path.StartsWith("static/", StringComparison.Ordinal)).ToArray();

        Assert.Equal(
            ["static/1/.well-known/security.txt", "static/1/a.txt", "static/1/index.html", "static/1/sub/b.txt"],
            files.Select(static file => file.Path));
        Assert.DoesNotContain(files, static file => Encoding.UTF8.GetString(file.Content).Contains("secret", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _outside.Dispose();
    }

    private static void Open(string folder) => File.SetUnixFileMode(
        folder,
        File.GetUnixFileMode(folder)
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

    private static async Task<string> StatusLineAsync(RunningNginx nginx, string target) =>
        (await nginx.SendRawAsync($"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).Split('\r')[0];

    private Task<RunningNginx> StartAsync(string path) => RunningNginx.StartAsync(
        _binary, Samples.Minimal with { Listen = null, Routes = [], StaticFiles = [new(path, _folder.Path)] });
}
