using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.Tests.Hosting.Orchestration;

/// <summary>A small application of shell scripts, run by the orchestrator itself.</summary>
internal sealed class RunningApplication : IAsyncDisposable
{
    /// <summary>For everything that ends by itself; only a hang takes this long.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly DistributedApplication _app;

    private RunningApplication(DistributedApplication app) => _app = app;

    public ResourceNotificationService Rows => _app.ResourceNotifications;

    public ResourceLoggerService Consoles => _app.Services.GetRequiredService<ResourceLoggerService>();

    public static async Task<RunningApplication> StartAsync(Action<IDistributedApplicationBuilder> declare)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
        declare(builder);
        var app = builder.Build();
        try
        {
            await app.StartAsync().WaitAsync(Deadline);
            return new RunningApplication(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async Task ExecuteAsync(string resource, string command)
    {
        var result = await TryExecuteAsync(resource, command, CancellationToken.None);
        Assert.True(result.Success, result.Message);
    }

    public Task<ExecuteCommandResult> TryExecuteAsync(string resource, string command, CancellationToken cancellationToken) =>
        _app.ResourceCommands.ExecuteCommandAsync(resource, command, cancellationToken).WaitAsync(Deadline, CancellationToken.None);

    public Task StopAsync() => _app.StopAsync().WaitAsync(Deadline);

    /// <summary>Waits until a row of a resource is in a state.</summary>
    public async Task<CustomResourceSnapshot> WaitForAsync(string resource, string state) =>
        (await WaitForAsync(resource, row => row.Snapshot.State?.Text == state)).Snapshot;

    public Task<ResourceEvent> WaitForAsync(string resource, Func<ResourceEvent, bool> predicate) =>
        Rows.WaitForResourceAsync(resource, predicate).WaitAsync(Deadline);

    /// <summary>Waits for a line in the console of a resource.</summary>
    public async Task<LogLine> WaitForLineAsync(string resource, string text)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await foreach (var batch in Consoles.WatchAsync(resource).WithCancellation(deadline.Token))
        {
            foreach (var line in batch)
            {
                if (line.Content.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }

        throw new InvalidOperationException($"The console of '{resource}' ended without '{text}'.");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }
}
