using System.Net;
using System.Net.NetworkInformation;
using Aspire.Hosting;
using Aspire.Hosting.Dashboard.ResourceService;
using Aspire.Hosting.Grpc;
using FlaskStack.Tests.Hosting.Grpc;

namespace FlaskStack.Tests.Hosting.Dashboard.ResourceService;

public sealed class ResourceServiceHostTests
{
    [Fact]
    public async Task Says_the_name_of_the_application()
    {
        await using var service = await RunningResourceService.StartAsync();

        using var reply = await service.GetInformationAsync();

        Assert.Equal("Shop", (await reply.OnlyAsync()).ApplicationName);
    }

    [Fact]
    public async Task Listens_on_loopback_alone()
    {
        await using var service = await RunningResourceService.StartAsync();

        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => listener.Port == service.Address.Port);

        Assert.Equal(IPAddress.Loopback, Assert.Single(listeners).Address);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcdeF")]
    [InlineData("0123456789abcdef0123456789abcdef0")]
    public async Task Refuses_a_caller_without_the_key(string? key)
    {
        await using var service = await RunningResourceService.StartAsync();
        service.Peer.Headers.Remove(ApiKeyCheck.Header);
        if (key is not null)
        {
            service.Peer.Headers.Add(ApiKeyCheck.Header, key);
        }

        using var reply = await service.WatchAsync();
        var (status, message) = await reply.EndAsync();

        Assert.Equal(GrpcStatusCode.Unauthenticated, status);
        Assert.DoesNotContain(RunningResourceService.Key, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_for_no_key_when_there_is_none()
    {
        await using var service = await RunningResourceService.StartAsync(new ResourceServiceSettings(ListenUrl: null, ApiKey: null));
        service.Peer.Headers.Clear();

        using var reply = await service.GetInformationAsync();

        Assert.Equal("Shop", (await reply.OnlyAsync()).ApplicationName);
    }

    [Fact]
    public async Task Takes_no_uploads()
    {
        await using var service = await RunningResourceService.StartAsync();

        using var reply = await service.Peer.OpenAsync("/aspire.v1.DashboardService/UploadFile", new RequestStream().End(), Google.Protobuf.WellKnownTypes.Empty.Parser);

        Assert.Equal(GrpcStatusCode.Unimplemented, (await reply.EndAsync()).Status);
    }

    [Fact]
    public async Task Says_which_address_is_taken()
    {
        await using var first = await RunningResourceService.StartAsync();

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => RunningResourceService.StartAsync(new ResourceServiceSettings(first.Address, ApiKey: null)));

        Assert.Contains(first.Address.Authority, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "127.0.0.1:0")]
    [InlineData("http://localhost:0", "127.0.0.1:0")]
    [InlineData("http://shop.dev.localhost:5001", "127.0.0.1:5001")]
    [InlineData("http://[::1]:5001", "[::1]:5001")]
    [InlineData("http://0.0.0.0:5001", "0.0.0.0:5001")]
    public void Listens_where_configuration_says(string? url, string expected)
        => Assert.Equal(expected, ListenAddress.Parse(url is null ? null : new Uri(url)).ToString());

    [Theory]
    [InlineData("https://localhost:5001", "without TLS")]
    [InlineData("http://example.org:5001", "neither 'localhost' nor an IP address")]
    public void Names_the_setting_of_an_address_it_cannot_listen_on(string url, string reason)
    {
        var error = Assert.Throws<DistributedApplicationException>(() => ListenAddress.Parse(new Uri(url)));

        Assert.Contains("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:5001", "http://127.0.0.1:5001/")]
    [InlineData("[::1]:5001", "http://[::1]:5001/")]
    [InlineData("0.0.0.0:5001", "http://127.0.0.1:5001/")]
    [InlineData("[::]:5001", "http://[::1]:5001/")]
    public void Tells_callers_an_address_they_can_call(string taken, string expected)
        => Assert.Equal(expected, ListenAddress.ToUrl(IPEndPoint.Parse(taken)).ToString());

    [Theory]
    [InlineData("Shop.AppHost", "Shop")]
    [InlineData("ShopAppHost", "Shop")]
    [InlineData("shop.apphost", "shop")]
    [InlineData("AppHost", "AppHost")]
    [InlineData("Shop", "Shop")]
    public void Leaves_the_AppHost_out_of_the_name(string name, string expected)
        => Assert.Equal(expected, ApplicationName.Shorten(name));

    [Fact]
    public void Keeps_the_key_out_of_texts()
        => Assert.DoesNotContain(RunningResourceService.Key, new ResourceServiceSettings(new Uri("http://127.0.0.1:1"), RunningResourceService.Key).ToString(), StringComparison.Ordinal);
}
