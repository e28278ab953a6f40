using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.Tests.HostingTesting;

public class ResourceAccessTests
{
    [Fact]
    public async Task Prefers_https_when_no_endpoint_is_named()
    {
        await using var builder = CreateWith(new ServedResource("web", ("http", 1001), ("https", 1002)));
        await using var app = await StartAsync(builder);

        Assert.Equal(new Uri("https://localhost:1002"), app.GetEndpoint("web"));
        Assert.Equal(new Uri("http://localhost:1001"), app.GetEndpoint("WEB", "HTTP"));
    }

    [Fact]
    public async Task Takes_http_when_there_is_no_https()
    {
        await using var builder = CreateWith(new ServedResource("web", ("admin", 1001), ("http", 1002)));
        await using var app = await StartAsync(builder);

        Assert.Equal(new Uri("http://localhost:1002"), app.GetEndpoint("web"));
    }

    [Fact]
    public async Task A_client_has_the_endpoint_as_base_address_and_the_defaults_the_test_gave()
    {
        await using var builder = CreateWith(new ServedResource("web", ("http", 1001)));
        builder.Services.ConfigureHttpClientDefaults(http => http.ConfigureHttpClient(client => client.Timeout = TimeSpan.FromSeconds(7)));
        await using var app = await StartAsync(builder);

        using var client = app.CreateHttpClient("web");

        Assert.Equal(new Uri("http://localhost:1001"), client.BaseAddress);
        Assert.Equal(TimeSpan.FromSeconds(7), client.Timeout);
    }

    [Fact]
    public async Task What_does_not_exist_is_an_error_that_lists_what_does()
    {
        await using var builder = CreateWith(new ServedResource("web", ("admin", 1001)));
        await using var app = await StartAsync(builder);

        Assert.Contains("There is no resource 'wep'; there is: ", Assert.Throws<ArgumentException>(() => app.GetEndpoint("wep")).Message, StringComparison.Ordinal);
        Assert.Contains("no endpoint 'https' or 'http'; it has: admin", Assert.Throws<ArgumentException>(() => app.GetEndpoint("web")).Message, StringComparison.Ordinal);
        Assert.Contains("no endpoint 'grpc'", Assert.Throws<ArgumentException>(() => app.GetEndpoint("web", "grpc")).Message, StringComparison.Ordinal);
        var exception = await Assert.ThrowsAsync<ArgumentException>(async () => await app.GetConnectionStringAsync("web"));
        Assert.Contains("no connection string", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_can_be_reached_before_the_start()
    {
        await using var builder = CreateWith(new ServedResource("web", ("http", 1001)));
        await using var app = await builder.BuildAsync();

        Assert.Throws<InvalidOperationException>(() => app.GetEndpoint("web"));
        Assert.Throws<InvalidOperationException>(() => app.CreateHttpClient("web"));
    }

    [Fact]
    public async Task Disposing_the_application_or_its_builder_stops_it()
    {
        using var service = new RecordingService();
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.Services.AddHostedService(_ => service);
        await using (await StartAsync(builder))
        {
        }

        Assert.Equal(["start", "stop"], service.Calls.Take(2));
    }

    [Fact]
    public void Refuses_names_that_are_null_or_empty()
    {
        Assert.Throws<ArgumentNullException>(() => ((DistributedApplication)null!).GetEndpoint("web"));
    }

    private static IDistributedApplicationTestingBuilder CreateWith(ServedResource resource)
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddResource(resource);
        return builder;
    }

    private static async Task<DistributedApplication> StartAsync(IDistributedApplicationTestingBuilder builder)
    {
        var app = await builder.BuildAsync();
        await app.StartAsync();
        return app;
    }

    // A resource nobody runs, with its addresses given.
    private sealed class ServedResource : Resource, IResourceWithEndpoints
    {
        public ServedResource(string name, params (string Name, int Port)[] endpoints)
            : base(name)
        {
            foreach (var (endpointName, port) in endpoints)
            {
                var scheme = endpointName == "https" ? "https" : "http";
                var endpoint = new EndpointAnnotation(ProtocolType.Tcp, scheme, name: endpointName, port: port);
                endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port);
                Annotations.Add(endpoint);
            }
        }
    }
}
