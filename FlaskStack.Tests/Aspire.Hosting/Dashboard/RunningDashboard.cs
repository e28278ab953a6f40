using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Hosting.Dashboard;

/// <summary>A small application with the real dashboard, which the product itself finds or fetches into the user's cache.</summary>
internal sealed class RunningDashboard : IAsyncDisposable
{
    /// <summary>Also for the first test ever, which waits for a hundred megabytes from the network.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    private readonly DistributedApplication _app;

    private RunningDashboard(DistributedApplication app, RecordingLoggerProvider log, HttpClient client)
    {
        _app = app;
        Log = log;
        Client = client;
    }

    public RecordingLoggerProvider Log { get; }

    /// <summary>Follows no redirect and keeps no cookie: what was answered is what is seen.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public ResourceNotificationService Rows => _app.ResourceNotifications;

    public DashboardStatus Status => Services.GetRequiredService<DashboardStatus>();

    public string this[string key] => Services.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>()[key]!;

    public int ProcessId =>
        Rows.TryGetCurrentState("aspire-dashboard", out var row)
            ? Convert.ToInt32(Assert.Single(row.Snapshot.Properties, property => property.Name == "executable.pid").Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException("The dashboard has no row.");

    public static async Task<RunningDashboard> StartAsync(params string[] settings)
    {
        var log = new RecordingLoggerProvider();
        var builder = DistributedApplication.CreateBuilder(["--DcpPublisher:RandomizePorts=true", .. settings]);
        builder.Services.AddLogging(logging => logging.AddProvider(log));
        builder.AddExecutable("worker", "sleep", "/", "600");
        var app = builder.Build();
        var dashboard = new RunningDashboard(app, log, new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }));
        try
        {
            await app.StartAsync().WaitAsync(Deadline);
            return dashboard;
        }
        catch
        {
            await dashboard.DisposeAsync();
            throw;
        }
    }

    public static async Task<RunningDashboard> StartAndWaitAsync(params string[] settings)
    {
        var dashboard = await StartAsync(settings);
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            Assert.True(await dashboard.Status.WaitForFirstOutcomeAsync(deadline.Token), string.Join('\n', dashboard.Log.Lines));
            return dashboard;
        }
        catch
        {
            await dashboard.DisposeAsync();
            throw;
        }
    }

    public Task StopAsync() => _app.StopAsync().WaitAsync(Deadline);

    /// <summary>Waits until the dashboard's row is as wanted.</summary>
    public Task<ResourceEvent> WaitForRowAsync(Func<CustomResourceSnapshot, bool> predicate) =>
        Rows.WaitForResourceAsync("aspire-dashboard", row => predicate(row.Snapshot)).WaitAsync(Deadline);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
        Client.Dispose();
        Log.Dispose();
    }
}
