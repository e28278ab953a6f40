using System.Text.Json;

namespace FlaskStack.Tests.Hostile;

/// <summary>The API sees one host, that of the request, or the request is refused.</summary>
[Collection(HostileGraphGroup.Name)]
[Trait("Category", HostileGraphGroup.Category)]
public sealed class HostTests(HostileGraph graph)
{
    [Theory]
    [InlineData("/", "good.example", "good.example")]
    [InlineData("/", "good.example:77", "good.example:77")]
    [InlineData("/", "GOOD.Example:77", "good.example:77")]
    [InlineData("/", "[::1]", "[::1]")]
    [InlineData("/", "[::1]:77", "[::1]:77")]
    [InlineData("/", "192.0.2.1:77", "192.0.2.1:77")]
    [InlineData("http://evil.example:99/", "good.example:77", "evil.example:99")]
    [InlineData("http://evil.example/", "good.example:77", "evil.example")]
    [InlineData("http://EVIL.example:99/", "good.example", "evil.example:99")]
    [InlineData("http://[::1]:99/", "good.example:77", "[::1]:99")]
    public async Task The_host_and_its_port_come_from_one_place(string target, string host, string expected)
    {
        var response = await graph.AskAsync($"GET {target}testing/headers HTTP/1.1\r\nHost: {host}\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal(expected, JsonElement.Parse(response.Body).GetProperty("host").GetString(), ignoreCase: true);
    }

    [Theory]
    [InlineData("/", "a:1:2")]
    [InlineData("/", "a:abc")]
    [InlineData("/", "a:-1")]
    [InlineData("/", "good.com:80@evil.com:81")]
    [InlineData("/", "user@evil.example")]
    [InlineData("/", "user:secret@evil.example")]
    [InlineData("/", "good.example/path")]
    [InlineData("/", "good.example evil.example")]
    [InlineData("/", "good..example")]
    [InlineData("/", "[::1")]
    [InlineData("/", "[::1]x")]
    [InlineData("/", "good.example\r\nHost: evil.example")]
    [InlineData("/", "good.example\r\nhost: good.example")]
    [InlineData("http://user@evil.example/", "good.example")]
    [InlineData("http://a:1:2/", "good.example")]
    [InlineData("http://a:abc/", "good.example")]
    public async Task A_host_that_is_none_is_refused(string target, string host)
    {
        var served = await graph.CountServedAsync();

        var response = await graph.AskAsync($"GET {target}testing/headers HTTP/1.1\r\nHost: {host}\r\n");

        Assert.Equal(400, response.Status);
        Assert.True(response.IsProblem);
        Assert.Equal(served, await graph.CountServedAsync());
    }

    [Theory]
    [InlineData("Host:\r\n")]
    [InlineData("Host: \t\r\n")]
    public async Task An_empty_host_becomes_none_that_the_client_chose(string header)
    {
        var response = await graph.AskAsync($"GET /testing/headers HTTP/1.1\r\n{header}X-Forwarded-Host: evil.example\r\n");

        Assert.Contains(response.Status, (int[])[200, 400]);
        Assert.DoesNotContain("evil.example", response.Body, StringComparison.Ordinal);
    }
}
