using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static Aspire.Hosting.Supervisor.Tests.SupervisedApplication;

#pragma warning disable ASPIREINTERACTION001 // Arguments of commands are experimental.

namespace Aspire.Hosting.Supervisor.Tests;

/// <summary>Groups of replicas of the real api, each test with its own.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ReplicaTests(ReplicaTests.Groups groups) : IClassFixture<ReplicaTests.Groups>
{
    private SupervisedApplication App => groups.App;

    [Fact]
    public async Task Restarts_one_replica_and_leaves_the_others_alone()
    {
        var before = await ReplicasAsync("api", 2);

        await Signals.SendAsync("KILL", ProcessId(before[1]));
        var after = await App.WaitForRestartsAsync("api-2", Restarts(before[1]) + 1);

        Assert.Equal("it was killed (SIGKILL)", Property(after, "supervisor.reason"));
        Assert.NotEqual(ProcessId(before[1]), ProcessId(after));
        Assert.Equal(ProcessId(before[0]), ProcessId(await App.RowAsync("api-1")));
        await HealthyAsync("api", 2);
        var group = await App.WaitAsync("api", row => Equals(Property(row, "supervisor.reason"), "api-2: it was killed (SIGKILL)"));
        Assert.NotNull(Property(group.Snapshot, "supervisor.runningSince"));
    }

    [Fact]
    public async Task Reloads_one_replica_after_another()
    {
        var before = await ReplicasAsync("api", 2);
        var (running, least) = (new HashSet<string>(["api-1", "api-2"]), 2);
        using var enough = new CancellationTokenSource();
        var watching = WatchAsync(enough.Token);

        var result = await App.ExecuteAsync("api", "reload");
        await enough.CancelAsync();
        await watching;

        Assert.True(result.Success, result.Message);
        Assert.StartsWith("'api' is reloaded: 2 replaced in ", result.Message, StringComparison.Ordinal);
        Assert.Equal(1, least);
        Assert.NotEqual(ProcessId(before[0]), ProcessId(await App.RowAsync("api-1")));
        Assert.NotEqual(ProcessId(before[1]), ProcessId(await App.RowAsync("api-2")));

        async Task WatchAsync(CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var row in App.Rows.WatchAsync(cancellationToken))
                {
                    if (row.Resource.Name is "api-1" or "api-2" && row.ResourceId != row.Resource.Name)
                    {
                        _ = IsRunning(row.Snapshot) ? running.Add(row.Resource.Name) : running.Remove(row.Resource.Name);
                        least = Math.Min(least, running.Count);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Enough is seen.
            }
        }
    }

    [Fact]
    public async Task Lets_a_standby_stand_in_for_replicas_that_are_replaced()
    {
        var before = Assert.Single(await ReplicasAsync("single", 1));
        using var client = ClientOf(LinkOf(before));
        using var enough = new CancellationTokenSource();
        var asking = AskAsync(enough.Token);

        var result = await App.ExecuteAsync("single", "reload");
        await enough.CancelAsync();

        Assert.True(result.Success, result.Message);
        Assert.True(await asking > 0);
        Assert.NotEqual(ProcessId(before), ProcessId(await App.RowAsync("single-1")));
        Assert.Equal(LinkOf(before), LinkOf((await App.WaitAsync("single-2", IsOver)).Snapshot));
        Assert.Equal("1 of 1", Property(await App.RowAsync("single"), "supervisor.replicas"));

        async Task<int> AskAsync(CancellationToken cancellationToken)
        {
            var answers = 0;
            for (; !cancellationToken.IsCancellationRequested; answers++)
            {
                await client.GetStringAsync(new Uri("/", UriKind.Relative), CancellationToken.None);
            }

            return answers;
        }
    }

    [Fact]
    public async Task Stops_a_reload_at_a_standby_that_does_not_become_healthy()
    {
        var before = Assert.Single(await ReplicasAsync("spared", 1));

        var result = await App.ExecuteAsync("spared", "reload");

        Assert.False(result.Success);
        Assert.Contains("stopped at 'spared-2", result.Message, StringComparison.Ordinal);
        Assert.Equal(ProcessId(before), ProcessId(await App.RowAsync("spared-1")));
        await App.WaitAsync("spared-2", IsOver);
    }

    [Fact]
    public async Task Stops_a_reload_at_a_replica_that_does_not_become_healthy()
    {
        var before = await ReplicasAsync("halted", 2);
        groups.IsFirstOfHaltedHealthy = false;

        var result = await App.ExecuteAsync("halted", "reload");

        Assert.False(result.Success);
        Assert.Contains("it did not become healthy within 2 s. 0 of 2 were replaced before", result.Message, StringComparison.Ordinal);
        Assert.Equal(ProcessId(before[1]), ProcessId(await App.RowAsync("halted-2")));
        await App.WaitAsync(
            "halted",
            row => Property(row, "supervisor.reload") is string shown && shown.StartsWith("stopped at halted-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scales_up_and_down()
    {
        await ReplicasAsync("scaled", 1);

        Assert.True((await ScaleAsync("2")).Success);
        await HealthyAsync("scaled", 2);
        Assert.True(IsRunning(await App.RowAsync("scaled-2")));

        Assert.True((await ScaleAsync("1")).Success);
        await HealthyAsync("scaled", 1);
        await App.WaitAsync("scaled-2", IsOver);
        Assert.True(IsRunning(await App.RowAsync("scaled-1")));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("3")]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("")]
    public async Task Refuses_a_number_of_replicas_that_cannot_be(string count) => Assert.False((await ScaleAsync(count)).Success);

    [Fact]
    public async Task Replaces_a_replica_that_has_served_enough_requests()
    {
        await ReplicasAsync("busy", 1);

        for (var request = 0; request < 5; request++)
        {
            await groups.Client.GetStringAsync(groups.Address("busy-1", "/"));
        }

        Assert.Matches(
            "^it has served [0-9]+ requests$",
            (string?)Property(await App.WaitForRestartsAsync("busy-1", 1), "supervisor.reason"));
    }

    [Fact]
    public async Task Kills_and_replaces_a_replica_that_hangs()
    {
        var before = Assert.Single(await ReplicasAsync("hung", 1));

        await Signals.SendAsync("STOP", ProcessId(before));
        var after = await App.WaitForRestartsAsync("hung-1", Restarts(before) + 1);

        Assert.False(IsAlive(ProcessId(before)));
        Assert.NotEqual(ProcessId(before), ProcessId(after));
        Assert.StartsWith("it gave no answer for", (string?)Property(after, "supervisor.reason"), StringComparison.Ordinal);
        Assert.Contains(
            $"process {ProcessId(before)}, ",
            await App.WaitForLineAsync("hung-1", "is killed because it gave no answer for"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_the_address_of_a_replica_that_serves_though_the_orchestrator_lost_it()
    {
        await ReplicasAsync("api", 2);
        var replica = await App.RunningAsync("api-2");

        await App.Rows.PublishUpdateAsync(
            replica.Resource,
            replica.ResourceId,
            row => row with { Urls = [.. row.Urls.Select(url => url with { IsInactive = true })] });

        await App.WaitAsync("api-2", row => IsRunning(row) && row.Urls.Any(url => url.Name == "http" && !url.IsInactive));
    }

    [Fact]
    public async Task Restarts_a_replica_of_a_project_with_WithReplicas()
    {
        var before = await App.RowsAsync("pair", 2);
        string?[] marks = [.. before.Select(row => Leftovers.MarkOf(ProcessId(row.Snapshot)))];
        Assert.Equal(2, marks.OfType<string>().Distinct().Count());

        await Signals.SendAsync("KILL", ProcessId(before[1].Snapshot));
        var after = await App.Rows.WaitForResourceAsync(
            "pair",
            row => row.ResourceId == before[1].ResourceId && IsRunning(row.Snapshot) && Restarts(row.Snapshot) == 1)
            .WaitAsync(Deadline);

        Assert.NotEqual(ProcessId(before[1].Snapshot), ProcessId(after.Snapshot));
        Assert.DoesNotContain(Leftovers.MarkOf(ProcessId(after.Snapshot)), marks);
        Assert.True(App.Rows.TryGetCurrentState(before[0].ResourceId, out var other));
        Assert.Equal(ProcessId(before[0].Snapshot), ProcessId(other.Snapshot));
    }

    [Fact]
    public async Task Lets_others_wait_for_the_group_and_tells_them_its_addresses()
    {
        await App.RunningAsync("gated-1");
        await App.RunningAsync("gated-2");
        var starting = App.ExecuteAsync("client", KnownResourceCommands.StartCommand);
        await App.WaitForStateAsync("client", KnownResourceStates.Waiting);
        Assert.NotEqual(KnownResourceStates.Running, (await App.RowAsync("gated")).State?.Text);

        groups.IsGateOpen = true;
        await starting;

        Assert.True(IsRunning(await App.RowAsync("gated")));
        await App.WaitForLineAsync(
            "client",
            $"first={groups.Address("gated-1", "").TrimEnd('/')} second={groups.Address("gated-2", "").TrimEnd('/')}");
    }

    [Fact]
    public void Leaves_no_connection_of_a_health_check_open_for_a_replica_to_wait_for()
    {
        var clients = App.Services.GetRequiredService<IHttpClientFactory>();
        var replica = App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == "api-1");

        using var probe = clients.CreateClient(replica.Annotations.OfType<HealthCheckAnnotation>().Single().Key);
        using var other = clients.CreateClient("other");

        Assert.True(probe.DefaultRequestHeaders.ConnectionClose);
        Assert.Null(other.DefaultRequestHeaders.ConnectionClose);
    }

    [Fact]
    public async Task Keeps_its_sockets_from_other_users()
    {
        var replicas = await ReplicasAsync("api", 2);

        var folder = Assert.Single(replicas.Select(row => Path.GetDirectoryName(LinkOf(row))!).Distinct());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    private async Task<IReadOnlyList<CustomResourceSnapshot>> ReplicasAsync(string group, int count)
    {
        await HealthyAsync(group, count);
        return await Task.WhenAll(Enumerable.Range(1, count)
            .Select(async number => (await App.RunningAsync($"{group}-{number}")).Snapshot));
    }

    private static string LinkOf(CustomResourceSnapshot row) =>
        row.EnvironmentVariables.Single(variable => variable.Name == "UPSTREAM_SOCKET").Value!;

    /// <summary>A client of a Unix socket, with a connection for each request.</summary>
    private static HttpClient ClientOf(string socket) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://replica"),
        Timeout = Deadline,
    };

    private Task<ResourceEvent> HealthyAsync(string group, int count) =>
        App.WaitAsync(
            group,
            row => IsRunning(row)
                && Equals(Property(row, "supervisor.replicas"), string.Create(CultureInfo.InvariantCulture, $"{count} of {count}")));

    private Task<ExecuteCommandResult> ScaleAsync(string count) => App.Services.GetRequiredService<ResourceCommandService>()
        .ExecuteCommandAsync(
            "scaled",
            "scale",
            new InteractionInputCollection([new InteractionInput { Name = "count", InputType = InputType.Number, Value = count }]))
        .WaitAsync(Deadline);

    public sealed class Groups : IAsyncLifetime
    {
        private SupervisedApplication? _app;
        private volatile bool _isGateOpen;
        private volatile bool _isFirstOfHaltedHealthy = true;

        internal SupervisedApplication App => _app!;

        internal HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Deadline };

        internal bool IsGateOpen
        {
            set => _isGateOpen = value;
        }

        internal bool IsFirstOfHaltedHealthy
        {
            set => _isFirstOfHaltedHealthy = value;
        }

        internal string Address(string replica, string path)
        {
            var resource = App.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<IResourceWithEndpoints>()
                .Single(resource => resource.Name == replica);
            return resource.GetEndpoint("http").Url + path;
        }

        public async Task InitializeAsync() => _app = await SupervisedApplication.StartAsync(Declare);

        public async Task DisposeAsync()
        {
            Client.Dispose();
            await App.DisposeAsync();
        }

        private void Declare(IDistributedApplicationBuilder builder)
        {
            Add(builder, "api", 2).WithSupervisor(s => s with { StartSeconds = 0 });
            Add(builder, "scaled", 1, max: 2).WithSupervisor();
            Add(builder, "single", 1, max: 2).WithSupervisor();
            builder.AddReplicas<Projects.FlaskStack_Api>("spared", 1, 2, replica =>
                    _ = replica.Resource.Name == "spared-2" ? replica.WithHealthCheck("never") : replica.WithHttpHealthCheck("/health"))
                .WithSupervisor(s => s with { HealthyTimeout = TimeSpan.FromSeconds(2), Watchdog = new() { Enabled = false } });
            Add(builder, "busy", 1).WithSupervisor(s => s with { MaxRequests = 5, RequestCountPath = "/alive/requests" });
            Add(builder, "hung", 1)
                .WithSupervisor(s => s with { StartSeconds = 0, Watchdog = new() { Timeout = TimeSpan.FromSeconds(1) } });
            builder.AddSample("pair").WithHttpEndpoint().WithReplicas(2).WithSupervisor(s => s with { StartSeconds = 0 });

            builder.Services.AddHealthChecks()
                .AddCheck("never", static () => HealthCheckResult.Unhealthy())
                .AddCheck("gate", () => _isGateOpen ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy())
                .AddCheck("first of halted", () => _isFirstOfHaltedHealthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
            builder.AddReplicas<Projects.FlaskStack_Api>("halted", 2, configure: replica =>
                    _ = replica.Resource.Name == "halted-1"
                        ? replica.WithHealthCheck("first of halted")
                        : replica.WithHttpHealthCheck("/health"))
                .WithSupervisor(s => s with { HealthyTimeout = TimeSpan.FromSeconds(2), Watchdog = new() { Enabled = false } });
            var gated = builder.AddReplicas<Projects.FlaskStack_Api>("gated", 2, configure: replica => replica.WithHealthCheck("gate"));
            Shell(builder, "client", $"echo first=$services__gated__http__0 second=$services__gated__http__1; {Forever}")
                .WithExplicitStart().WithReference(gated).WaitFor(gated);
        }

        private static IResourceBuilder<ReplicaGroupResource> Add(
            IDistributedApplicationBuilder builder,
            string name,
            int count,
            int? max = null) =>
            builder.AddReplicas<Projects.FlaskStack_Api>(name, count, max, replica => replica.WithHttpHealthCheck("/health"));
    }
}
