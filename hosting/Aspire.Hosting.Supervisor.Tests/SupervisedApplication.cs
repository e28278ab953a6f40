using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Supervisor.Tests;

/// <summary>A small application on Aspire's own host, with what is supervised in it.</summary>
internal sealed class SupervisedApplication : IAsyncDisposable
{
    /// <summary>A script that serves until it is told to end.</summary>
    public const string Forever = "trap 'exit 0' TERM; while :; do sleep 0.1; done";

    /// <summary>What <see cref="SayReady"/> writes.</summary>
    public const string Ready = "trap is set";

    /// <summary>
    /// A command for after a trap: a signal before it would end the script. The console shows the script too, which does not say the same.
    /// </summary>
    public const string SayReady = "echo trap' 'is set";

    /// <summary>For everything that ends by itself; only a hang takes this long.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly DistributedApplication _app;

    private SupervisedApplication(DistributedApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public ResourceNotificationService Rows => Services.GetRequiredService<ResourceNotificationService>();

    public static async Task<SupervisedApplication> StartAsync(Action<IDistributedApplicationBuilder> declare)
    {
        var builder = TestApplication.CreateBuilder();
        declare(builder);
        var app = builder.Build();
        try
        {
            await app.StartAsync().WaitAsync(Deadline);
            return new SupervisedApplication(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public static IResourceBuilder<ExecutableResource> Shell(IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "sh", ".", "-c", script);

    public Task<ExecuteCommandResult> ExecuteAsync(string resource, string command) =>
        Services.GetRequiredService<ResourceCommandService>().ExecuteCommandAsync(resource, command).WaitAsync(Deadline);

    /// <summary>Starts a resource that waits for that, and returns its row once the supervisor has seen it run.</summary>
    public async Task<ResourceEvent> StartAsync(string resource)
    {
        var result = await ExecuteAsync(resource, KnownResourceCommands.StartCommand);
        Assert.True(result.Success, result.Message);
        return await RunningAsync(resource);
    }

    /// <summary>What SIGHUP to the AppHost does.</summary>
    public Task ReloadEverythingAsync() => Services.GetRequiredService<SupervisorService>().ReloadEverythingAsync().WaitAsync(Deadline);

    /// <summary>Waits until a row of a resource is as wanted.</summary>
    public async Task<ResourceEvent> WaitAsync(string resource, Func<CustomResourceSnapshot, bool> predicate)
    {
        var seen = new ConcurrentQueue<string>();
        try
        {
            return await Rows.WaitForResourceAsync(resource, IsWanted).WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"'{resource}' did not become as wanted; it was: {string.Join(", ", seen)}.");
        }

        bool IsWanted(ResourceEvent row)
        {
            seen.Enqueue($"{row.ResourceId} {row.Snapshot.State?.Text} {row.Snapshot.HealthStatus}");
            return (row.ResourceId != row.Resource.Name || row.Resource is ReplicaGroupResource) && predicate(row.Snapshot);
        }
    }

    public async Task<CustomResourceSnapshot> WaitForStateAsync(string resource, string state) =>
        (await WaitAsync(resource, row => row.State?.Text == state)).Snapshot;

    /// <summary>Waits until a process runs and the supervisor has seen it.</summary>
    public Task<ResourceEvent> RunningAsync(string resource) =>
        WaitAsync(resource, row => IsRunning(row) && Property(row, "supervisor.runningSince") is not null);

    /// <summary>Waits until the supervisor shows that a process was restarted so often and runs.</summary>
    public async Task<CustomResourceSnapshot> WaitForRestartsAsync(string resource, int count) =>
        (await WaitAsync(resource, row => IsRunning(row) && Restarts(row) >= count)).Snapshot;

    /// <summary>Waits until all rows of a resource run and the supervisor has seen it.</summary>
    public async Task<IReadOnlyList<ResourceEvent>> RowsAsync(string resource, int count)
    {
        var running = new Dictionary<string, ResourceEvent>();
        await Rows.WaitForResourceAsync(resource, row =>
        {
            if (IsRunning(row.Snapshot) && Property(row.Snapshot, "supervisor.runningSince") is not null)
            {
                running[row.ResourceId] = row;
            }

            return running.Count == count;
        }).WaitAsync(Deadline);
        return [.. running.Values.OrderBy(row => row.ResourceId, StringComparer.Ordinal)];
    }

    /// <summary>The row of a resource as it is now.</summary>
    public async Task<CustomResourceSnapshot> RowAsync(string resource) => (await WaitAsync(resource, _ => true)).Snapshot;

    /// <summary>Waits for a line in the console of a resource.</summary>
    public async Task<string> WaitForLineAsync(string resource, string text)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var row = await WaitAsync(resource, _ => true);
        var console = Services.GetRequiredService<ResourceLoggerService>().WatchAsync(row.ResourceId);
        await foreach (var batch in console.WithCancellation(deadline.Token))
        {
            if (batch.FirstOrDefault(line => line.Content.Contains(text, StringComparison.Ordinal)) is { Content: { } found })
            {
                return found;
            }
        }

        throw new InvalidOperationException($"The console of '{resource}' ended without '{text}'.");
    }

    public static int ProcessId(CustomResourceSnapshot row) =>
        Convert.ToInt32(row.Properties.First(p => p.Name == "executable.pid").Value, CultureInfo.InvariantCulture);

    public static object? Property(CustomResourceSnapshot row, string name) => row.Properties.FirstOrDefault(p => p.Name == name)?.Value;

    public static int Restarts(CustomResourceSnapshot row) => Property(row, "supervisor.restarts") as int? ?? 0;

    public static bool IsRunning(CustomResourceSnapshot row) => row.State?.Text == KnownResourceStates.Running;

    public static bool IsOver(CustomResourceSnapshot row) => KnownResourceStates.TerminalStates.Contains(row.State?.Text);

    /// <summary>Whether a process runs: one that is dead, and whose parent has not asked for its code yet, does not.</summary>
    public static bool IsAlive(int processId)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{processId}/stat");
            return status[status.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().WaitAsync(Deadline);
        await _app.DisposeAsync();
    }
}
