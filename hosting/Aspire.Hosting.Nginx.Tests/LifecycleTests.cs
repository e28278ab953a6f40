using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>What ends, is killed, comes and goes: replicas on Unix sockets under a group, on DCP.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LifecycleTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _sockets = Directory.CreateTempSubdirectory("sockets-");
    private DistributedApplication? _application;
    private HttpClient? _client;

    private DistributedApplication Application => _application!;

    private HttpClient Client => _client!;

    public async Task InitializeAsync()
    {
        _sockets.UnixFileMode |= UnixFileMode.OtherExecute;
        var binary = new NginxBinary();
        await binary.InitializeAsync();
        var builder = NginxApplication.CreateBuilder(binary);
        var group = builder.AddResource(new Group("api"));
        AddReplica(builder, group, 1);
        AddReplica(builder, group, 2);
        AddReplica(builder, group, 3).WithExplicitStart();
        var nginx = builder.AddNginx("nginx").WithReverseProxy("/", group);
        _application = builder.Build();
        await _application.StartAsync().WaitAsync(Deadline);
        await _application.ResourceNotifications.WaitForResourceHealthyAsync("nginx").WaitAsync(Deadline);
        _client = NginxApplication.Client(nginx.Resource.PrimaryEndpoint.Url);
        await UntilAsync(2);
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Application.StopAsync().WaitAsync(Deadline);
        await Application.DisposeAsync();
        _sockets.Delete(recursive: true);
    }

    [Fact]
    public async Task A_crash_and_a_restart_need_no_reload()
    {
        var (workers, replica) = (await WorkersAsync(), await RowAsync("api-1"));
        Assert.Contains($"unix:{Socket(1)}", await ConfigurationAsync(), StringComparison.Ordinal);

        await Signals.SendAsync("KILL", Pid(replica));
        for (var request = 0; request < 50; request++)
        {
            Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(new Uri("/pid", UriKind.Relative))).StatusCode);
        }

        await CommandAsync(replica, "start");
        await UntilAsync(2);
        Assert.Equal(workers, await WorkersAsync());
    }

    [Fact]
    public async Task A_standby_joins_when_it_is_started()
    {
        await CommandAsync(await RowAsync("api-3"), "start");

        await UntilAsync(3);
    }

    [Fact]
    public async Task No_worker_outlives_a_killed_master()
    {
        var (workers, nginx) = (await WorkersAsync(), await RowAsync("nginx"));

        await Signals.SendAsync("KILL", Pid(nginx));
        await Task.WhenAll(workers.Select(EndAsync)).WaitAsync(Deadline);
        await CommandAsync(nginx, "start");

        await UntilAsync(2);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("restart")]
    public async Task Answers_what_is_in_flight_before_it_stops(string command)
    {
        var nginx = await RowAsync("nginx");
        var slow = await SlowAsync();

        await CommandAsync(nginx, command);

        Assert.Equal("slow", await slow);
    }

    [Fact]
    public async Task Answers_what_is_in_flight_at_the_end_of_the_application()
    {
        var slow = await SlowAsync();

        await Application.StopAsync().WaitAsync(Deadline);

        Assert.Equal("slow", await slow);
    }

    [Fact]
    public async Task A_WebSocket_survives_a_change_of_the_members()
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(Client.BaseAddress!) { Scheme = "ws", Path = "/socket" }.Uri, CancellationToken.None)
            .WaitAsync(Deadline);
        Assert.Equal("before", await EchoAsync(socket, "before"));

        await CommandAsync(await RowAsync("api-3"), "start");
        await UntilAsync(3);

        Assert.Equal("after", await EchoAsync(socket, "after"));
        Assert.Contains("worker_shutdown_timeout 86400s;", await ConfigurationAsync(), StringComparison.Ordinal);
        socket.Abort();
    }

    private static async Task<string> EchoAsync(ClientWebSocket socket, string text)
    {
        var buffer = new byte[64];
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None)
            .WaitAsync(Deadline);
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Deadline);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    /// <summary>A request that takes three seconds and has been taken by nginx.</summary>
    private async Task<Task<string>> SlowAsync()
    {
        // Requests that begin before it are answered before it; one after it shows that it is on its way.
        var slow = Client.GetStringAsync(new Uri("/slow?milliseconds=3000", UriKind.Relative));
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        Assert.False(slow.IsCompleted);
        return slow;
    }

    private IResourceBuilder<ProjectResource> AddReplica(
        IDistributedApplicationBuilder builder, IResourceBuilder<Group> group, int number) =>
        builder.AddSample($"api-{number}")
            .WithHttpEndpoint(isProxied: false)
            .WithParentRelationship(group.Resource)
            .WithEnvironment(context =>
            {
                File.Delete(Socket(number));
                var urls = new ReferenceExpressionBuilder();
                urls.AppendFormatted((ReferenceExpression)context.EnvironmentVariables["ASPNETCORE_URLS"]);
                urls.AppendLiteral($";http://unix:{Socket(number)}");
                context.EnvironmentVariables["ASPNETCORE_URLS"] = urls.Build();
            });

    private string Socket(int number) => Path.Combine(_sockets.FullName, $"{number}.sock");

    private async Task UntilAsync(int instances)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var seen = new Queue<string>();
        try
        {
            while (seen.Distinct().Count() != instances)
            {
                if (await AskAsync(deadline.Token) is { } instance)
                {
                    seen.Enqueue(instance);
                }

                if (seen.Count > 24)
                {
                    seen.Dequeue();
                }
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail(
                $"{instances} instances were awaited; these answered: {string.Join(", ", seen)}. "
                + $"nginx has:\n{await ConfigurationAsync()}");
        }
    }

    /// <summary>Which instance answers; null while nginx is not there, or closes an idle connection for a reload.</summary>
    private async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Client.GetAsync(new Uri("/pid", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(cancellationToken) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task CommandAsync(ResourceEvent row, string command)
    {
        var result = await Application.ResourceCommands.ExecuteCommandAsync(row.ResourceId, command).WaitAsync(Deadline);
        Assert.True(result.Success, result.Message);
    }

    private Task<ResourceEvent> RowAsync(string name) =>
        Application.ResourceNotifications.WaitForResourceAsync(name, _ => true).WaitAsync(Deadline);

    private static int Pid(ResourceEvent row) =>
        Convert.ToInt32(row.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value, CultureInfo.InvariantCulture);

    private async Task<string> ConfigurationAsync() =>
        await File.ReadAllTextAsync(
            (string)(await RowAsync("nginx")).Snapshot.Properties.Single(property => property.Name == "nginx.config").Value!);

    /// <summary>The workers are others after a reload.</summary>
    private async Task<int[]> WorkersAsync()
    {
        var master = Pid(await RowAsync("nginx"));
        using var list = Process.Start(
            new ProcessStartInfo("pgrep", ["-P", master.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        var output = await list.StandardOutput.ReadToEndAsync();
        return
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => int.Parse(line, CultureInfo.InvariantCulture))
                .Order(),
        ];
    }

    private static async Task EndAsync(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            await process.WaitForExitAsync();
        }
        catch (ArgumentException)
        {
            // It has ended already.
        }
    }

    private sealed class Group(string name) : Resource(name), IResourceWithServiceDiscovery;
}
