using System.Runtime.Versioning;
using System.Text.Json;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>The Host header that the real nginx passes on, and those that it rejects.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class HostTests(NginxBinary binary)
{
    private static NginxConfiguration Proxy => Samples.Minimal with { Listen = null, ProblemDetails = true };

    [Theory]
    [InlineData("/headers", "shop.example:8443", "shop.example:8443")]
    [InlineData("/headers", "shop.example", "shop.example")]
    [InlineData("/headers", "[::1]:81", "[::1]:81")]
    [InlineData("/headers", "192.0.2.7:81", "192.0.2.7:81")]
    [InlineData("http://real.example/headers", "other.example:77", "real.example")]
    [InlineData("http://real.example:99/headers", "other.example:77", "real.example:99")]
    [InlineData("http://same.example:99/headers", "same.example:77", "same.example:99")]
    [InlineData("HTTP://[::1]:99/headers", "other.example", "[::1]:99")]
    public async Task Host_and_port_have_one_source(string target, string header, string expected)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        var response = await nginx.SendRawAsync($"GET {target} HTTP/1.1\r\nHost: {header}\r\nConnection: close\r\n\r\n");

        Assert.Contains($"\"Host\":{JsonSerializer.Serialize(expected)}", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_a_host_is_passed_on()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, upstream.Members);

        var response = await nginx.SendRawAsync("GET /headers HTTP/1.0\r\n\r\n");

        Assert.Contains("\"Host\":\"localhost\"", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a:1:2")]
    [InlineData("a:abc")]
    [InlineData("a:80x")]
    [InlineData("a:-1")]
    [InlineData("a:1234567")]
    [InlineData("good.com:80@evil.com:81")]
    [InlineData("user@good.com")]
    [InlineData("[::1]:81:82")]
    [InlineData("[::1]x")]
    [InlineData("a?b")]
    [InlineData("a/b")]
    public async Task What_is_no_host_is_rejected(string host)
    {
        await using var one = await Upstream.StartAsync();
        await using var two = await Upstream.StartAsync();
        await using var nginx = await RunningNginx.StartAsync(binary, Proxy, Samples.Api(one.Address, two.Address));

        foreach (var method in new[] { "GET", "POST", "APPROVE" })
        {
            var response = await nginx.SendRawAsync(
                $"{method} /any-method HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

            Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
            Assert.Contains("application/problem+json", response, StringComparison.Ordinal);
        }
    }
}
