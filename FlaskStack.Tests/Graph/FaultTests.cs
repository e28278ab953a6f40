using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Graph;

[Collection(OwnGraphGroup.Name)]
public sealed class FaultTests
{
    [Fact]
    public async Task Without_a_replica_nginx_shows_its_page_and_with_one_again_it_serves()
    {
        await using var stack = await RunningGraph.StartAsync();
        using var client = stack.CreateClient();

        await stack.ExecuteAsync("api", KnownResourceCommands.StopCommand);
        using (var request = new HttpRequestMessage(HttpMethod.Get, "/"))
        {
            request.Headers.Add("Origin", "https://shop.example");
            using var response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
            Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
            Assert.Equal(await File.ReadAllTextAsync(ErrorPage), await response.Content.ReadAsStringAsync());
        }

        await stack.ExecuteAsync("api", KnownResourceCommands.StartCommand);
        await RunningGraph.AskUntilAsync(client, "/", response => response.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_killed_replica_shows_how_it_ended_and_the_others_go_on_serving()
    {
        await using var stack = await RunningGraph.StartAsync(withDashboard: false, RunningGraph.RestartNothing);
        using var client = stack.CreateClient();
        var victim = (await stack.GetReplicasAsync())[0];

        Kill(RunningGraph.GetProcessId(victim));

        var ended = await stack.WaitForReplicaAsync(victim, row => row.Snapshot.ExitCode is not null);
        Assert.NotEqual(0, ended.Snapshot.ExitCode);
        await stack.WaitForRowAsync(
            "api",
            row => row.Snapshot.Properties.Any(property => property is { Name: "supervisor.replicas", Value: "2 of 2" }));
        for (var i = 0; i < 100; i++)
        {
            using var response = await client.GetAsync(new Uri("/", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_replica_that_cannot_accept_for_a_moment_lets_a_burst_of_connections_wait()
    {
        const int burst = 2_000;
        await using var stack = await RunningGraph.StartAsync("--Api:Replicas=2");
        var replica = (await stack.GetReplicasAsync(2))[0];
        var urls = replica.Snapshot.EnvironmentVariables.Single(variable => variable.Name == "ASPNETCORE_URLS").Value!;
        var path = urls[(urls.IndexOf("unix:", StringComparison.Ordinal) + "unix:".Length)..];
        var connections = Enumerable.Range(0, burst)
            .Select(_ => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            .ToList();

        await Signals.SendAsync("STOP", RunningGraph.GetProcessId(replica));
        try
        {
            // A connection that finds no room is refused at once: Unix sockets know no second try.
            await Task.WhenAll(connections.Select(connection => connection.ConnectAsync(new UnixDomainSocketEndPoint(path))))
                .WaitAsync(RunningGraph.Deadline);
        }
        finally
        {
            await Signals.SendAsync("CONT", RunningGraph.GetProcessId(replica));
            connections.ForEach(connection => connection.Dispose());
        }
    }

    [Fact]
    public async Task Replicas_that_are_all_killed_come_back_behind_the_error_page()
    {
        await using var stack = await RunningGraph.StartAsync("--Api:Replicas=2");
        using var client = stack.CreateClient();
        var replicas = await stack.GetReplicasAsync(2);

        foreach (var replica in replicas)
        {
            Kill(RunningGraph.GetProcessId(replica));
        }

        using (var response = await client.GetAsync(new Uri("/", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        }

        await RunningGraph.AskUntilAsync(client, "/", response => response.StatusCode == HttpStatusCode.OK);
        await Task.WhenAll(replicas.Select(stack.WaitForSuccessorAsync));
        await stack.WaitForAllReplicasAsync();
    }

    [Fact]
    public async Task Only_the_replica_whose_health_fails_leaves_and_it_comes_back()
    {
        await using var stack = await RunningGraph.StartAsync();
        using var client = stack.CreateClient();
        var sick = (await stack.GetReplicasAsync())[1];
        using var direct = new HttpClient { BaseAddress = new Uri(sick.Snapshot.Urls[0].Url) };

        await direct.GetStringAsync(new Uri("/testing/unhealthy?on=true", UriKind.Relative));
        await AskUntilServedByAsync(client, RunningGraph.Replicas - 1);
        await direct.GetStringAsync(new Uri("/testing/unhealthy?on=false", UriKind.Relative));
        await AskUntilServedByAsync(client, RunningGraph.Replicas);
    }

    [Fact]
    public async Task A_killed_nginx_is_back_and_its_old_workers_serve_until_then()
    {
        await using var stack = await RunningGraph.StartAsync("--Api:Replicas=2");
        using var client = stack.CreateClient();
        using var ended = new CancellationTokenSource();
        var refused = CountRefusedAsync(client.BaseAddress!.Port, ended.Token);
        var nginx = await stack.WaitForRowAsync("nginx", row => row.Snapshot.State?.Text == KnownResourceStates.Running);
        var master = RunningGraph.GetProcessId(nginx);
        var processes = ProcessTree.GetTree(master);
        Assert.True(processes.Count > 1, "nginx has no worker.");

        Kill(master);

        await ProcessTree.WaitForExitAsync(processes);
        await stack.WaitForRowAsync(
            "nginx",
            row => row.Snapshot.State?.Text == KnownResourceStates.Running && RunningGraph.GetProcessId(row) != master);
        await stack.Rows.WaitForResourceHealthyAsync("nginx").WaitAsync(RunningGraph.Deadline);
        await RunningGraph.AskUntilAsync(client, "/", response => response.StatusCode == HttpStatusCode.OK);
        await ended.CancelAsync();
        var (connections, failures) = await refused;
        Assert.Equal(0, failures);
        Assert.True(connections > 0);
    }

    [Fact]
    public async Task A_killed_nginx_ends_its_row_and_leaves_no_worker_on_the_port()
    {
        await using var stack = await RunningGraph.StartAsync(withDashboard: false, RunningGraph.RestartNothing);
        using var client = stack.CreateClient();
        var nginx = await stack.WaitForRowAsync("nginx", row => row.Snapshot.State?.Text == KnownResourceStates.Running);

        Kill(RunningGraph.GetProcessId(nginx));

        await stack.WaitForRowAsync(
            "nginx",
            row => row.ResourceId == nginx.ResourceId && KnownResourceStates.TerminalStates.Contains(row.Snapshot.State?.Text));
        using var listener = new TcpListener(IPAddress.Loopback, client.BaseAddress!.Port);
        listener.Start();
    }

    /// <summary>Connects again and again.</summary>
    /// <returns>How many connections were made, and how many refused.</returns>
    private static async Task<(int Connections, int Refused)> CountRefusedAsync(int port, CancellationToken cancellationToken)
    {
        var (connections, refused) = (0, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, CancellationToken.None);
                connections++;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                refused++;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), CancellationToken.None);
        }

        return (connections, refused);
    }

    /// <summary>Asks until so many processes, and no other, have answered a series of requests.</summary>
    private static async Task AskUntilServedByAsync(HttpClient client, int instances)
    {
        const int series = 24;
        using var deadline = new CancellationTokenSource(RunningGraph.Deadline);
        for (var served = new Queue<int>(); served.Count < series || served.Distinct().Count() != instances;)
        {
            var instance = await client.GetFromJsonAsync<JsonElement>(new Uri("/testing/instance", UriKind.Relative), deadline.Token);
            served.Enqueue(instance.GetProperty("pid").GetInt32());
            if (served.Count > series)
            {
                served.Dequeue();
            }
        }
    }

    private static string ErrorPage => Path.Combine(Projects.FlaskStack_AppHost.ProjectPath, "..", "nginx", "50x.html");

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }
}
