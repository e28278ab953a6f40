using System.Net;
using System.Text.Json;
using FlaskStack.Api.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FlaskStack.Tests.Api;

public sealed class ForwardedHeadersTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Believes_the_last_hop_of_a_local_proxy(bool unixSocket)
    {
        await using var host = await ApiHost.StartWithTestingAsync();
        using var client = unixSocket ? host.OverUnixSocket() : new HttpClient { BaseAddress = host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/testing/headers");
        request.Headers.Add("X-Forwarded-For", "6.6.6.6, 203.0.113.9");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "shop.example");

        using var response = await client.SendAsync(request);

        var seen = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("203.0.113.9", seen.GetProperty("client").GetString());
        Assert.Equal("https", seen.GetProperty("scheme").GetString());
        Assert.Equal("shop.example", seen.GetProperty("host").GetString());
    }

    [Fact]
    public async Task Takes_one_hop_also_with_the_switch_of_the_framework()
    {
        await using var host = await ApiHost.StartWithTestingAsync("--ForwardedHeaders_Enabled=true");
        using var client = new HttpClient { BaseAddress = host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/testing/headers");
        request.Headers.Add("X-Forwarded-For", "6.6.6.6, 127.0.0.1");
        request.Headers.Add("X-Forwarded-Host", "evil.example");

        using var response = await client.SendAsync(request);

        var seen = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("127.0.0.1", seen.GetProperty("client").GetString());
        Assert.Equal(host.Address.Authority, seen.GetProperty("host").GetString());
    }

    [Theory]
    [InlineData("192.0.2.1", null, false, "192.0.2.1")]
    [InlineData("192.0.2.1", "192.0.2.0/24", false, "203.0.113.9")]
    [InlineData("192.0.2.1", "10.0.0.1,192.0.2.1", false, "203.0.113.9")]
    [InlineData("127.0.0.5", null, false, "203.0.113.9")]
    [InlineData("::ffff:127.0.0.1", null, false, "203.0.113.9")]
    [InlineData("::1", null, false, "203.0.113.9")]
    [InlineData("192.0.2.1", null, true, "203.0.113.9")]
    [InlineData("192.0.2.1", "10.0.0.1", true, "192.0.2.1")]
    public async Task Ignores_strangers_that_are_not_listed(string peer, string? trusted, bool anyProxy, string expected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Api:TrustedProxies", trusted)]).Build();
        var options = ProxyTrust.Options(ApiOptions.Read(configuration), anyProxy);
        var middleware = new ForwardedHeadersMiddleware(_ => Task.CompletedTask, NullLoggerFactory.Instance, Options.Create(options));
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        context.Request.Headers["X-Forwarded-For"] = "203.0.113.9";

        await middleware.Invoke(context);

        Assert.Equal(expected, context.Connection.RemoteIpAddress.ToString());
    }
}
