using System.Net;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>The cache of the real nginx.</summary>
[UnsupportedOSPlatform("windows")]
[Collection(NginxGroup.Name)]
public sealed class CacheTests(NginxBinary binary)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("/counted/max-age=60", "", true)]
    [InlineData("/counted/public,s-maxage=60", "", true)]
    [InlineData("/counted/", "", false)]
    [InlineData("/counted/no-store", "", false)]
    [InlineData("/counted/private,max-age=60", "", false)]
    [InlineData("/counted/max-age=60?cookie=a", "", false)]
    [InlineData("/counted/max-age=60", "Authorization", false)]
    public async Task Keeps_what_says_that_it_may_be_kept(string path, string header, bool isKept)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream);
        (string, string)[] headers = header.Length == 0 ? [] : [(header, "Basic x")];

        using var first = await nginx.SendAsync(HttpMethod.Get, path, headers);
        using var second = await nginx.SendAsync(HttpMethod.Get, path, headers);

        var (one, two) = (await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(isKept, one == two);
        Assert.Equal(isKept, second.Headers.GetValues("X-Cache").Single() == "HIT");
        if (isKept)
        {
            // A response that was kept for everybody is not for who has credentials.
            using var other = await nginx.SendAsync(HttpMethod.Get, path, ("Authorization", "Basic x"));
            using var query = await nginx.SendAsync(HttpMethod.Get, $"{path}?other=1");
            Assert.Equal(("2", "3"), (await other.Content.ReadAsStringAsync(), await query.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task Serves_what_has_expired_when_nobody_answers()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var nginx = await StartAsync(upstream);
        using var first = await nginx.SendAsync(HttpMethod.Get, "/counted/max-age=1");
        await upstream.DisposeAsync();
        using var deadline = new CancellationTokenSource(Deadline);

        string state;
        do
        {
            using var response = await nginx.SendAsync(HttpMethod.Get, "/counted/max-age=1");
            Assert.Equal((HttpStatusCode.OK, "1"), (response.StatusCode, await response.Content.ReadAsStringAsync(deadline.Token)));
            state = response.Headers.GetValues("X-Cache").Single();
        }
        while (state == "HIT");

        Assert.Equal("STALE", state);
        using var unknown = await nginx.SendAsync(HttpMethod.Get, "/counted/max-age=2");
        Assert.Equal(HttpStatusCode.BadGateway, unknown.StatusCode);
    }

    [Fact]
    public async Task Is_purged_by_a_command()
    {
        await using var upstream = await Upstream.StartAsync();
        var builder = NginxApplication.CreateBuilder(binary);
        var api = builder.AddResource(new FakeService("api"));
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", api).WithCache();
        builder.OnBeforeStart((start, _) => ((ResourceNotificationService)start.Services.GetService(typeof(ResourceNotificationService))!)
            .PublishUpdateAsync(api.Resource, "api-one", row => FakeService.Row(row, KnownResourceStates.Running, upstream.Members)));
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);
        var path = new Uri("/counted/max-age=600", UriKind.Relative);

        Assert.Equal("1", await client.GetStringAsync(path));
        Assert.Equal("1", await client.GetStringAsync(path));
        var purge = await application.ResourceCommands.ExecuteCommandAsync("nginx", "purge-cache").WaitAsync(Deadline);
        Assert.True(purge.Success, purge.Message);
        Assert.Equal("2", await client.GetStringAsync(path));
        await application.StopAsync().WaitAsync(Deadline);
    }

    [Fact]
    public void Refuses_a_size_without_an_end() => Assert.Contains(
        "WithCache: MaxSize is 0",
        Assert.Throws<DistributedApplicationException>(
            () => TestApplication.CreateBuilder().AddNginx("nginx").WithCache(static cache => cache with { MaxSize = 0 })).Message,
        StringComparison.Ordinal);

    private Task<RunningNginx> StartAsync(Upstream upstream) => RunningNginx.StartAsync(
        binary, Samples.Minimal with { Listen = null, Cache = new(), Cors = Samples.AnyOrigin }, upstream.Members);
}
