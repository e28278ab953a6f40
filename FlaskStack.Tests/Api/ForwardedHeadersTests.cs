using System.Text.Json;

namespace FlaskStack.Tests.Api;

public sealed class ForwardedHeadersTests
{
    private const string Loopback = "127.0.0.1";
    private const string Client = "203.0.113.9";

    [Theory]
    [InlineData(null, null, "shop.example")]
    [InlineData("192.0.2.0/24", "false", "shop.example")]
    [InlineData(null, "true", "api")]
    public async Task Believes_the_last_hop_of_a_proxy_on_the_socket(string? proxies, string? anyProxy, string host)
    {
        await using var service = await StartAsync(proxies, anyProxy);
        using var client = service.OverUnixSocket();

        var seen = await AskAsync(client);

        Assert.Equal(Client, seen.GetProperty("client").GetString());
        Assert.Equal("https", seen.GetProperty("scheme").GetString());
        Assert.Equal(host, seen.GetProperty("host").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("192.0.2.0/24")]
    [InlineData("::1")]
    public async Task Believes_nobody_on_a_port(string? proxies)
    {
        await using var service = await StartAsync(proxies, anyProxy: null);

        var seen = await AskAsync(service.Client);

        Assert.Equal(Loopback, seen.GetProperty("client").GetString());
        Assert.Equal("http", seen.GetProperty("scheme").GetString());
        Assert.Equal(service.Address.Authority, seen.GetProperty("host").GetString());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("192.0.2.0/24, 127.0.0.0/8")]
    public async Task Believes_a_trusted_proxy_on_a_port(string proxies)
    {
        await using var service = await StartAsync(proxies, anyProxy: null);

        var seen = await AskAsync(service.Client);

        Assert.Equal(Client, seen.GetProperty("client").GetString());
        Assert.Equal("https", seen.GetProperty("scheme").GetString());
        Assert.Equal("shop.example", seen.GetProperty("host").GetString());
    }

    [Fact]
    public async Task Believes_every_peer_but_not_its_host_with_the_switch_of_the_framework()
    {
        await using var service = await StartAsync(proxies: null, anyProxy: "true");

        var seen = await AskAsync(service.Client);

        Assert.Equal(Client, seen.GetProperty("client").GetString());
        Assert.Equal("https", seen.GetProperty("scheme").GetString());
        Assert.Equal(service.Address.Authority, seen.GetProperty("host").GetString());
    }

    [Fact]
    public async Task Trusted_proxies_override_the_switch_of_the_framework()
    {
        await using var service = await StartAsync("10.0.0.1", anyProxy: "true");

        Assert.Equal(Loopback, (await AskAsync(service.Client)).GetProperty("client").GetString());
    }

    [Theory]
    [InlineData("a:1:2")]
    [InlineData("good.example:80@evil.example:81")]
    [InlineData("evil.example/path")]
    public async Task Ignores_a_forwarded_host_that_is_none(string host)
    {
        await using var service = await StartAsync(proxies: null, anyProxy: null);
        using var client = service.OverUnixSocket();

        Assert.Equal("api", (await AskAsync(client, host)).GetProperty("host").GetString());
    }

    private static Task<ApiHost> StartAsync(string? proxies, string? anyProxy)
    {
        var args = new List<string>();
        if (proxies is not null)
        {
            args.Add($"--ForwardedHeaders:TrustedProxies={proxies}");
        }

        if (anyProxy is not null)
        {
            args.Add($"--ForwardedHeaders_Enabled={anyProxy}");
        }

        return ApiHost.StartWithTestingAsync([.. args]);
    }

    private static async Task<JsonElement> AskAsync(HttpClient client, string host = "shop.example")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/testing/headers");
        request.Headers.Add("X-Forwarded-For", $"6.6.6.6, {Client}");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", host);

        using var response = await client.SendAsync(request);

        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }
}
