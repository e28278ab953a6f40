using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.Tests.Graph;

/// <summary>The whole stack on real processes: replicas of the API behind nginx, on a port of its own.</summary>
internal sealed class RunningGraph : IAsyncDisposable
{
    public const int Replicas = 3;

    /// <summary>For everything that ends by itself; only a hang takes this long.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Has an AppHost run the API with its routes under <c>/testing</c>.</summary>
    public static readonly string TestApiSetting = "--Api:Executable=" + typeof(RunningGraph).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "TestApi").Value;

    private readonly IDistributedApplicationTestingBuilder _builder;

    private RunningGraph(IDistributedApplicationTestingBuilder builder, DistributedApplication app)
    {
        _builder = builder;
        App = app;
    }

    public DistributedApplication App { get; }

    /// <summary>The state of everything, as the dashboard shows it.</summary>
    public ResourceNotificationService Rows => App.ResourceNotifications;

    public static Task<RunningGraph> StartAsync(params string[] settings) => StartAsync(withDashboard: false, static _ => { }, settings);

    /// <summary>Starts the stack as a test wants it.</summary>
    /// <param name="withDashboard">Whether the dashboard runs too.</param>
    /// <param name="configure">Changes what the AppHost has declared.</param>
    /// <param name="settings">Arguments of the AppHost.</param>
    public static async Task<RunningGraph> StartAsync(
        bool withDashboard,
        Action<IDistributedApplicationTestingBuilder> configure,
        params string[] settings)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        string[] replicas = [string.Create(CultureInfo.InvariantCulture, $"--Api:Replicas={Replicas}")];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.FlaskStack_AppHost>(
            ["--Nginx:Port=0", TestApiSetting, .. replicas, .. settings],
            (options, _) => options.DisableDashboard = !withDashboard,
            deadline.Token);
        try
        {
            configure(builder);
            var app = await builder.BuildAsync(deadline.Token);
            await app.StartAsync(deadline.Token);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("api", deadline.Token);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("nginx", deadline.Token);
            return new RunningGraph(builder, app);
        }
        catch
        {
            await builder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Leaves what ends as it is, for the tests that look at an end.</summary>
    public static void RestartNothing(IDistributedApplicationTestingBuilder builder)
    {
        builder.CreateResourceBuilder<ReplicaGroupResource>("api").WithSupervisor(NeverRestart);
        builder.CreateResourceBuilder<NginxResource>("nginx").WithSupervisor(NeverRestart);

        static SupervisorOptions NeverRestart(SupervisorOptions supervisor) =>
            supervisor with { Autorestart = SupervisorAutorestart.Never };
    }

    /// <summary>A client of nginx that keeps no connection: every answer comes from the workers of that moment.</summary>
    public HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        ActivityHeadersPropagator = null,
    })
    {
        BaseAddress = App.GetEndpoint("nginx"),
        Timeout = Deadline,
    };

    public async Task ExecuteAsync(string resource, string command)
    {
        var result = await App.ResourceCommands.ExecuteCommandAsync(resource, command).WaitAsync(Deadline);
        Assert.True(result.Success, result.Message);
    }

    /// <summary>Fails where a request failed, with what nginx and the AppHost's supervisor say of it.</summary>
    public async Task AssertNoneAsync(IReadOnlyCollection<string> failures)
    {
        if (failures.Count == 0)
        {
            return;
        }

        const int lines = 60;
        var console = new List<string>();
        foreach (var resource in (string[])["nginx", "api"])
        {
            var row = App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(r => r.Name == resource);
            await foreach (var batch in App.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(row))
            {
                console.AddRange(batch.Select(line => line.Content));
            }
        }

        Assert.Fail($"{failures.Count} requests failed, the first: {failures.First()}\n{string.Join('\n', console.TakeLast(lines))}");
    }

    /// <summary>Waits until a row is as wanted.</summary>
    public async Task<ResourceEvent> WaitForRowAsync(string resource, Func<ResourceEvent, bool> predicate) =>
        await Rows.WaitForResourceAsync(resource, predicate).WaitAsync(Deadline);

    /// <summary>Waits until the row of a replica is as wanted.</summary>
    public Task<ResourceEvent> WaitForReplicaAsync(ResourceEvent replica, Func<ResourceEvent, bool> predicate) =>
        WaitForRowAsync(replica.Resource.Name, row => row.ResourceId == replica.ResourceId && predicate(row));

    /// <summary>Waits until all replicas that are meant to serve do.</summary>
    public async Task WaitForAllReplicasAsync() => await Rows.WaitForResourceHealthyAsync("api").WaitAsync(Deadline);

    /// <summary>Waits until another process stands in the place of a replica.</summary>
    public Task<ResourceEvent> WaitForSuccessorAsync(ResourceEvent replica) => WaitForReplicaAsync(
        replica,
        row => row.Snapshot.State?.Text == KnownResourceStates.Running && GetProcessId(row) != GetProcessId(replica));

    /// <summary>The rows of the running replicas.</summary>
    public async Task<IReadOnlyList<ResourceEvent>> GetReplicasAsync(int count = Replicas)
    {
        var rows = new Dictionary<string, ResourceEvent>();
        using var deadline = new CancellationTokenSource(Deadline);
        await foreach (var row in Rows.WatchAsync(deadline.Token))
        {
            if (IsReplica(row.Resource))
            {
                rows[row.ResourceId] = row;
            }

            if (Running().Count == count)
            {
                break;
            }
        }

        return Running();

        List<ResourceEvent> Running() =>
            [.. rows.Values.Where(IsRunning).OrderBy(row => row.Resource.Name, StringComparer.Ordinal)];
    }

    /// <summary>Asks until the answer is as wanted: when nginx has taken up a change, nothing else tells.</summary>
    public static async Task AskUntilAsync(HttpClient client, string path, Func<HttpResponseMessage, bool> wanted)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (true)
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), deadline.Token);
            if (wanted(response))
            {
                return;
            }
        }
    }

    public static int GetProcessId(ResourceEvent row) =>
        Convert.ToInt32(
            Assert.Single(row.Snapshot.Properties, property => property.Name == "executable.pid").Value,
            CultureInfo.InvariantCulture);

    /// <summary>Stops everything; what is left of it fails the test.</summary>
    public async ValueTask DisposeAsync()
    {
        var processes = await GetProcessesAsync();
        await App.DisposeAsync();
        await _builder.DisposeAsync();
        await ProcessTree.WaitForExitAsync(processes);
    }

    private static bool IsRunning(ResourceEvent row) => row.Snapshot.State?.Text == KnownResourceStates.Running;

    private static bool IsReplica(IResource resource) =>
        resource is ProjectResource && resource.Name.StartsWith("api-", StringComparison.Ordinal);

    /// <summary>The processes of all rows of this moment, with all that they started.</summary>
    private async Task<IReadOnlyList<Process>> GetProcessesAsync()
    {
        var model = App.Services.GetRequiredService<DistributedApplicationModel>();
        var expected = model.Resources.Count(resource => IsReplica(resource) || resource.Name == "nginx");
        var rows = new Dictionary<string, ResourceEvent>();
        using var deadline = new CancellationTokenSource(Deadline);
        await foreach (var row in Rows.WatchAsync(deadline.Token))
        {
            if (IsReplica(row.Resource) || row.Resource.Name == "nginx")
            {
                rows[row.ResourceId] = row;
            }

            if (rows.Count == expected)
            {
                break;
            }
        }

        return [.. rows.Values.Where(IsRunning).SelectMany(row => ProcessTree.GetTree(GetProcessId(row)))];
    }
}
