using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Processes;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Every kind of resource behind one nginx, on DCP, none of which knows of nginx.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class InstancesApplication : IAsyncLifetime
{
    public const int Replicas = 3;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private DistributedApplication? _application;

    public HttpClient Client { get; private set; } = new();

    public ConcurrentQueue<string> HostLog { get; private set; } = new();

    public async Task InitializeAsync()
    {
        var binary = new NginxBinary();
        await binary.InitializeAsync();
        var builder = NginxApplication.CreateBuilder(binary);
        HostLog = builder.RecordLog();

        // No health check: nothing but the listening itself says that they are there.
        var replicas = builder.AddSample("replicas").WithHttpEndpoint().WithReplicas(Replicas);
        var (ownPort, sixPort) = (FreePort(), FreePort());
        var own = builder.AddSample("own").WithHttpEndpoint(port: ownPort, isProxied: false).WithHttpHealthCheck("/health")
            .WithEnvironment("OWN_LISTENER", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ownPort}"));
        var six = builder.AddSample("six").WithHttpEndpoint(port: sixPort, isProxied: false)
            .WithEnvironment("OWN_LISTENER", string.Create(CultureInfo.InvariantCulture, $"[::1]:{sixPort}"));
        var outside = await Upstream.StartTcpAsync("outside");
        var nginx = builder.AddNginx("nginx")
            .WithReverseProxy("/", replicas)
            .WithReverseProxy("/own", own)
            .WithReverseProxy("/six", six)
            .WithReverseProxy("/outside", builder.AddExternalService("outside", outside.Url));
        if (Programs.Node is not null)
        {
            var node = builder
                .AddExecutable(
                    "node", Programs.Node, "/", "-e", "require('http').createServer((q, r) => r.end('node')).listen(process.env.PORT)")
                .WithHttpEndpoint(env: "PORT");
            nginx.WithReverseProxy("/node", node);
        }

        if (Programs.Python is not null)
        {
            var python = builder.AddExecutable("python", Programs.Python, AppContext.BaseDirectory).WithHttpEndpoint();
            python.WithArgs("-m", "http.server", python.GetEndpoint("http").Property(EndpointProperty.TargetPort));
            nginx.WithReverseProxy("/python", python);
        }

        _application = builder.Build();
        await _application.StartAsync().WaitAsync(Deadline);
        await _application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        Client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);
        Outside = outside;
        await WaitForMembersAsync(nginx.Resource);
    }

    internal Upstream? Outside { get; private set; }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _application!.StopAsync().WaitAsync(Deadline);
        await _application.DisposeAsync();
        await Outside!.DisposeAsync();
    }

    /// <summary>
    /// Waits until all have joined. Each that joins reloads nginx, and one older than 1.27.4 closes idle connections then.
    /// </summary>
    private async Task WaitForMembersAsync(NginxResource nginx)
    {
        var pids = new HashSet<string>();
        foreach (var route in nginx.Annotations.OfType<NginxAnnotation>().Single().Configuration.Routes)
        {
            using var response = await AskAsync(route.Path == "/" ? "/pid" : route.Path, response =>
                response.StatusCode != HttpStatusCode.BadGateway
                && (route.Path != "/" || (pids.Add(response.Content.ReadAsStringAsync().Result) && pids.Count == Replicas)));
        }
    }

    /// <summary>Asks until the instance that is just starting answers.</summary>
    public async Task<HttpResponseMessage> AskAsync(string path, Func<HttpResponseMessage, bool> isIt)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (true)
        {
            try
            {
                var response = await Client.GetAsync(new Uri(path, UriKind.Relative), deadline.Token);
                if (isIt(response))
                {
                    return response;
                }

                response.Dispose();
            }
            catch (HttpRequestException)
            {
                // nginx has closed an idle connection for a reload.
            }
        }
    }

    private static int FreePort() => Ports.PickUnused(["127.0.0.1", "[::1]"]);
}

/// <summary>Programs of other languages that a machine may have.</summary>
internal static class Programs
{
    public static string? Node => ExecutablePath.Find("node");

    public static string? Python => ExecutablePath.Find("python3");
}

/// <summary>A test that needs a program, which is skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithAttribute : FactAttribute
{
    public FactWithAttribute(string program)
    {
        if ((program == "node" ? Programs.Node : Programs.Python) is null)
        {
            Skip = $"{program} is not installed.";
        }
    }
}

[UnsupportedOSPlatform("windows")]
public sealed class InstancesTests(InstancesApplication application) : IClassFixture<InstancesApplication>
{
    private const int Requests = 3_000;
    private const int Connections = 16;

    [Fact]
    public async Task Spreads_requests_over_the_replicas_of_an_ordinary_project()
    {
        var counts = new ConcurrentDictionary<string, int>();

        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            using var client = NginxApplication.Client(application.Client.BaseAddress!.ToString());
            for (var request = 0; request < Requests / Connections; request++)
            {
                counts.AddOrUpdate(await client.GetStringAsync(new Uri("/pid", UriKind.Relative)), 1, (_, count) => count + 1);
            }
        }));

        Assert.Equal(InstancesApplication.Replicas, counts.Count);
        var share = Requests / InstancesApplication.Replicas;
        Assert.All(counts.Values, count => Assert.InRange(count, share * 0.8, share * 1.2));
    }

    [Theory]
    [InlineData("/own/pid")]
    [InlineData("/six/pid")]
    public async Task Finds_a_program_that_chooses_its_address_itself(string path)
    {
        // It answers 404 for a path it does not know, and nginx 502 while nobody listens.
        using var response = await application.AskAsync(path, response => response.StatusCode == HttpStatusCode.NotFound);
    }

    [FactWith("node")]
    public async Task Serves_a_node_program()
    {
        using var response = await application.AskAsync("/node", response => response.IsSuccessStatusCode);
        Assert.Equal("node", await response.Content.ReadAsStringAsync());
    }

    [FactWith("python3")]
    public async Task Serves_a_python_program_that_is_told_its_port_by_argument()
    {
        using var response = await application.AskAsync("/python/", response => response.StatusCode == HttpStatusCode.NotFound);
        Assert.Contains("File not found", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_a_service_outside_for_its_own_host()
    {
        using var response = await application.AskAsync("/outside/host", response => response.IsSuccessStatusCode);
        Assert.Equal(new Uri(application.Outside!.Url).Authority, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public void Says_in_the_log_of_the_AppHost_where_nginx_listens() =>
        Assert.Contains(
            application.HostLog,
            line => line == "Information Aspire.Hosting.Nginx: nginx listens on "
                + application.Client.BaseAddress!.ToString().TrimEnd('/'));
}
