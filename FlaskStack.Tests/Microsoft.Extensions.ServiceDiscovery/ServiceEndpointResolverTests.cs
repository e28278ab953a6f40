using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;

namespace FlaskStack.Tests.ServiceDiscovery;

public sealed class ServiceEndpointResolverTests
{
    [Theory]
    [InlineData("http://api", "http://10.0.0.1:80/ http://10.0.0.1:81/")]
    [InlineData("https://api", "https://10.0.0.2/")]
    [InlineData("https+http://api", "https://10.0.0.2/")]
    [InlineData("http+https://api", "http://10.0.0.1:80/ http://10.0.0.1:81/")]
    [InlineData("HTTP://API:1234", "http://10.0.0.1:80/ http://10.0.0.1:81/")]
    [InlineData("http://_admin.api", "http://10.0.0.3:9/")]
    [InlineData("https+http://_admin.api", "http://10.0.0.3:9/")]
    [InlineData("https://_admin.api", "_:443")]
    [InlineData("http://plain", "10.0.0.4:5000")]
    [InlineData("http://named", "db.internal")]
    [InlineData("http://first", "http://default/")]
    [InlineData("http://other", "other:80")]
    [InlineData("other", "other")]
    public async Task Resolves_what_is_configured_and_passes_on_the_rest(string service, string expected)
    {
        await using var provider = Provider(new()
        {
            ["services:api:http:0"] = "http://10.0.0.1:80",
            ["services:api:http:1"] = "http://10.0.0.1:81",
            ["services:api:https:0"] = "https://10.0.0.2",
            ["services:api:admin:0"] = "http://10.0.0.3:9",
            ["services:plain:http"] = "10.0.0.4:5000",
            ["services:named:http:0"] = "db.internal",
            ["services:first:default:0"] = "http://default",
            ["services:first:http:0"] = "http://later",
        });

        var source = await provider.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync(service, CancellationToken.None);

        Assert.Equal(expected.Replace("_:443", "api:443", StringComparison.Ordinal).Replace(":80/", "/", StringComparison.Ordinal), string.Join(' ', source.Endpoints));
    }

    [Fact]
    public async Task Keeps_to_the_allowed_schemes()
    {
        await using var provider = Provider(
            new() { ["services:api:http:0"] = "http://10.0.0.1", ["services:api:https:0"] = "https://10.0.0.2" },
            options =>
            {
                options.AllowAllSchemes = false;
                options.AllowedSchemes = ["http"];
            });

        var source = await provider.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("https+http://api", CancellationToken.None);

        Assert.Equal("[http://10.0.0.1/]", source.ToString());
    }

    [Fact]
    public async Task Sees_a_reloaded_configuration()
    {
        var configuration = new ConfigurationManager();
        configuration["services:api:http:0"] = "http://10.0.0.1";
        await using var provider = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddServiceDiscovery().BuildServiceProvider();
        var resolver = provider.GetRequiredService<ServiceEndpointResolver>();
        var before = await resolver.GetEndpointsAsync("http://api", CancellationToken.None);
        Assert.Same(before, await resolver.GetEndpointsAsync("http://api", CancellationToken.None));

        configuration["services:api:http:0"] = "http://10.0.0.2";
        ((IConfigurationRoot)configuration).Reload();
        var after = await resolver.GetEndpointsAsync("http://api", CancellationToken.None);

        Assert.True(before.ChangeToken.HasChanged);
        Assert.Equal("[http://10.0.0.2/]", after.ToString());
    }

    [Theory]
    [InlineData("services:api:http:0", "http://[oops")]
    [InlineData("services:api:http:x", "http://10.0.0.1")]
    public async Task Names_the_key_that_cannot_be_used(string key, string value)
    {
        await using var provider = Provider(new() { [key] = value });

        var exception = await Assert.ThrowsAsync<KeyNotFoundException>(async () =>
            await provider.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("http://api", CancellationToken.None));

        Assert.Contains(key, exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Says_when_no_provider_is_registered()
    {
        await using var provider = new ServiceCollection().AddServiceDiscoveryCore().BuildServiceProvider();

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await provider.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync("http://api", CancellationToken.None));

        Assert.Contains("AddServiceDiscovery", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sends_requests_to_the_endpoints_in_turn()
    {
        using var recorder = new RecordingHandler();
        await using var provider = Provider(
            new() { ["services:api:http:0"] = "http://10.0.0.1:81/base", ["services:api:http:1"] = "10.0.0.1:82" },
            configureServices: services => services.AddHttpClient("test").ConfigurePrimaryHttpMessageHandler(() => recorder).AddServiceDiscovery());
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("test");

        foreach (var _ in Enumerable.Range(0, 3))
        {
            using var response = await client.GetAsync(new Uri("https+http://api/a?b=c"));
        }

        // An endpoint without a scheme takes the preferred one of the request.
        Assert.Equal(["http://10.0.0.1:81/base/a?b=c", "https://10.0.0.1:82/a?b=c", "http://10.0.0.1:81/base/a?b=c"], recorder.Requests);
    }

    [Theory]
    [InlineData("api", "", null, "api")]
    [InlineData("http://api:80/x", "http", null, "api")]
    [InlineData("https+http://_admin.api", "https,http", "admin", "api")]
    [InlineData("_admin.api", "", "admin", "api")]
    [InlineData("api.example", "", null, "api.example")]
    public void Reads_a_query(string text, string schemes, string? endpointName, string serviceName)
    {
        Assert.True(ServiceEndpointQuery.TryParse(text, out var query));
        Assert.Equal(schemes, string.Join(',', query.IncludedSchemes));
        Assert.Equal(endpointName, query.EndpointName);
        Assert.Equal(serviceName, query.ServiceName);
        Assert.Equal(text, query.ToString());
    }

    [Fact]
    public void Reads_an_endpoint()
    {
        Assert.True(ServiceEndpoint.TryParse("10.0.0.1:5000", out var address));
        Assert.Equal(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 5000), address.EndPoint);
        Assert.True(ServiceEndpoint.TryParse("host", out var host));
        Assert.Equal(new DnsEndPoint("host", 0), host.EndPoint);
        Assert.True(ServiceEndpoint.TryParse("http://host:1", out var uri));
        Assert.Equal(new UriEndPoint(new Uri("http://host:1")), uri.EndPoint);
        Assert.False(ServiceEndpoint.TryParse(" ", out _));
    }

    private static ServiceProvider Provider(Dictionary<string, string?> settings, Action<ServiceDiscoveryOptions>? configure = null, Action<IServiceCollection>? configureServices = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddServiceDiscovery(configure ?? (_ => { }));
        configureServices?.Invoke(services);
        return services.BuildServiceProvider();
    }

    private sealed class RecordingHandler : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(request.RequestUri!.ToString());
            return Task.FromResult(new HttpResponseMessage());
        }
    }
}
