using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>nginx as a resource of an application, in front of services whose rows the test publishes.</summary>
[Collection(NginxGroup.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class NginxInAnApplicationTests(NginxBinary binary)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Follows_the_members_of_a_service()
    {
        using var page = new TemporaryFile("sorry");
        await using var one = await Upstream.StartAsync("one");
        await using var two = await Upstream.StartAsync("two");
        var builder = Builder();
        var api = builder.AddResource(new FakeService("api"));
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", api).WithErrorPage(page.Path, 502);
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);

        Assert.Equal("sorry", await AskUntilAsync(client, "sorry"));
        await PublishAsync(application, api.Resource, "api-one", KnownResourceStates.Running, one);
        Assert.Equal("one", await AskUntilAsync(client, "one"));
        await PublishAsync(application, api.Resource, "api-two", KnownResourceStates.Running, two);
        await one.DisposeAsync();
        Assert.Equal("two", await AskUntilAsync(client, "two"));

        var file = Assert.IsType<string>(await PropertyAsync(application, "nginx.config"));
        Assert.Contains(two.Address, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        var reload = await application.ResourceCommands.ExecuteCommandAsync("nginx", "reload").WaitAsync(Deadline);
        Assert.True(reload.Success, reload.Message);

        await application.StopAsync().WaitAsync(Deadline);
        Assert.False(File.Exists(file));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("/name", UriKind.Relative)));
    }

    [Fact]
    public async Task Restores_what_a_cleaner_of_temporary_files_takes()
    {
        using var page = new TemporaryFile("sorry");
        await using var one = await Upstream.StartAsync("one");
        var builder = Builder();
        var api = builder.AddResource(new FakeService("api"));
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/echo", api).WithErrorPage(page.Path, 404);
        builder.OnBeforeStart((start, _) => PublishAsync(start.Services, api.Resource, "api-one", KnownResourceStates.Running, one));
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        using var client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);
        var folder = Path.GetDirectoryName(Assert.IsType<string>(await PropertyAsync(application, "nginx.config")))!;

        foreach (var taken in (string[])["temp/body", "temp", "pages", ""])
        {
            Directory.Delete(Path.Join(folder, taken), recursive: true);
            using var deadline = new CancellationTokenSource(Deadline);
            while (!await StoreAsync(client) || await PageAsync(client) != "sorry")
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
            }
        }

        await application.StopAsync().WaitAsync(Deadline);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Starts_with_the_members_that_are_there()
    {
        await using var one = await Upstream.StartAsync("one");
        var builder = Builder();
        var api = builder.AddResource(new FakeService("api"));
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", api);
        builder.OnBeforeStart((start, _) => PublishAsync(start.Services, api.Resource, "api-one", KnownResourceStates.Running, one));
        await using var application = builder.Build();

        await application.StartAsync().WaitAsync(Deadline);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);

        using var client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);
        Assert.Equal("one", await client.GetStringAsync(new Uri("/name", UriKind.Relative)));
        await application.StopAsync().WaitAsync(Deadline);
    }

    [Fact]
    public async Task Says_that_its_port_is_taken_and_by_whom()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var lines = await FailToStartAsync(builder =>
        {
            builder.Configuration["DcpPublisher:RandomizePorts"] = "false";
            builder.AddNginx("nginx", port);
        });

        Assert.Contains(lines, line =>
            line.Contains($"Port {port} is already in use by ", StringComparison.Ordinal)
            && line.Contains("choose another with Nginx:Port", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Says_that_the_binary_given_is_not_there()
    {
        var lines = await FailToStartAsync(builder =>
        {
            builder.Configuration["Nginx:Path"] = "/nowhere/nginx";
            builder.AddNginx("nginx");
        });

        Assert.Contains(lines, line => line.Contains(
            "Nginx:Path is /nowhere/nginx, which does not exist; give the path of an nginx binary.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Says_which_snippet_is_wrong()
    {
        var lines = await FailToStartAsync(builder => builder.AddNginx("nginx").WithServerSnippet("etag off;\ngzipp on;"));

        Assert.Contains(lines, line => line.Contains(
            "the text of snippet number 1, line 2: unknown directive \"gzipp\"", StringComparison.Ordinal));
    }

    private IDistributedApplicationBuilder Builder() => NginxApplication.CreateBuilder(binary);

    private async Task<List<string>> FailToStartAsync(Action<IDistributedApplicationBuilder> configure)
    {
        var builder = Builder();
        configure(builder);
        await using var application = builder.Build();
        await application.StartAsync().WaitAsync(Deadline);
        var failed = await application.ResourceNotifications
            .WaitForResourceAsync("nginx", change => change.Snapshot.State?.Text == KnownResourceStates.FailedToStart)
            .WaitAsync(Deadline);

        var lines = new List<string>();
        await foreach (var batch in Logs(application).GetAllAsync(failed.ResourceId))
        {
            lines.AddRange(batch.Select(line => line.Content));
        }

        await application.StopAsync().WaitAsync(Deadline);
        return lines;
    }

    private static ResourceLoggerService Logs(DistributedApplication application) =>
        (ResourceLoggerService)application.Services.GetService(typeof(ResourceLoggerService))!;

    private static async Task<object?> PropertyAsync(DistributedApplication application, string name)
    {
        var row = await application.ResourceNotifications.WaitForResourceAsync("nginx", _ => true).WaitAsync(Deadline);
        return row.Snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value;
    }

    /// <summary>Sends a body that nginx stores in a file.</summary>
    private static async Task<bool> StoreAsync(HttpClient client)
    {
        try
        {
            using var response = await client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(new byte[400_000]));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // nginx has answered 500 and closed the connection before it had the whole body.
            return false;
        }
    }

    /// <summary>Asks for what nginx answers with an error page.</summary>
    private static async Task<string> PageAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/none", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private static Task PublishAsync(
        DistributedApplication application, FakeService service, string row, string state, Upstream upstream) =>
        PublishAsync(application.Services, service, row, state, upstream);

    private static Task PublishAsync(IServiceProvider services, FakeService service, string row, string state, Upstream upstream) =>
        ((ResourceNotificationService)services.GetService(typeof(ResourceNotificationService))!)
            .PublishUpdateAsync(service, row, snapshot => FakeService.Row(snapshot, state, upstream.Members));

    /// <summary>A reload is done when the answer changes; nothing else tells.</summary>
    private static async Task<string> AskUntilAsync(HttpClient client, string expected)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/name") { Headers = { ConnectionClose = true } };
            using var response = await client.SendAsync(request, deadline.Token);
            var answer = await response.Content.ReadAsStringAsync(deadline.Token);
            if (answer == expected)
            {
                return answer;
            }
        }
    }
}
