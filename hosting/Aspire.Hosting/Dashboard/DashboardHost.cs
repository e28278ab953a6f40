using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Launching;
using Aspire.Hosting.Dashboard.Provisioning;
using Aspire.Hosting.Dashboard.ResourceService;
using Aspire.Hosting.Dashboard.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Brings the dashboard up beside the application, never in its way: it finds or fetches it, starts the resource service that feeds it,
/// and has it run. It is the first service of the host, so the last to stop: telemetry of the resources' last moments still finds it.
/// </summary>
internal sealed partial class DashboardHost(
    DashboardSettings settings,
    DashboardStatus status,
    DashboardRow row,
    DashboardProvider provider,
    DashboardSupervisor supervisor,
    ResourceServiceHost resourceService,
    StackStart stackStart,
    DashboardPorts ports,
    DistributedApplicationModel model,
    IHostApplicationLifetime lifetime,
    ILogger<DistributedApplication> logger) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        // Nobody stops an application whose start failed.
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        _stop.Dispose();
        ports.Dispose();
    }

    /// <summary>Never fails: without a dashboard everything else runs on.</summary>
    private async Task RunAsync()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, _stop.Token);
        try
        {
            await stackStart.WaitAsync(ending.Token).ConfigureAwait(false);
            if (await provider.GetAsync(ending.Token).ConfigureAwait(false) is { } program)
            {
                var address = await resourceService.StartAsync(ending.Token).ConfigureAwait(false);
                TellOfMissedPort();
                await supervisor.RunAsync(program, DescribeEnvironment(address), ending.Token, _stop.Token).ConfigureAwait(false);
                return;
            }

            await row.ShowFailureAsync().ConfigureAwait(false);
        }
        catch (Exception) when (ending.IsCancellationRequested)
        {
            // The application stops: what is cut short may fail in any way.
        }
        catch (DistributedApplicationException exception)
        {
            await row.ShowFailureAsync().ConfigureAwait(false);
            Log.NotStarted(logger, exception.Message);
        }
        catch (Exception exception)
        {
            Log.Failed(logger, exception);
        }
        finally
        {
            status.SetDown(forGood: true);
        }
    }

    private void TellOfMissedPort()
    {
        if (settings.MissedPort is { } port)
        {
            Log.PortInUse(logger, port, settings.PublicUrl);
        }
    }

    private IReadOnlyDictionary<string, string?> DescribeEnvironment(Uri resourceServiceAddress) => DashboardEnvironment.Create(
        settings,
        resourceServiceAddress,
        settings.CorsAllowedOrigins ?? CorsOrigins.Of(model.Resources),
        Environment.GetEnvironmentVariables().Keys.Cast<string>());

    private static partial class Log
    {
        [LoggerMessage(121, LogLevel.Information, "Port {Port} is in use, so the dashboard takes {Url}; set ASPNETCORE_URLS to choose another.")]
        public static partial void PortInUse(ILogger logger, int port, string url);

        [LoggerMessage(122, LogLevel.Error, "There is no dashboard in this run: {Reason}")]
        public static partial void NotStarted(ILogger logger, string reason);

        [LoggerMessage(123, LogLevel.Error, "There is no dashboard in this run; everything else runs.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
