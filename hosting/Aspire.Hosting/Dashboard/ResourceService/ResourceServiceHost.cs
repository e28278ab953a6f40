using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Grpc;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>Serves the dashboard, and whoever speaks its protocol: what the resources are, what they log, and their commands.</summary>
internal sealed class ResourceServiceHost(
    ResourceServiceSettings settings,
    IConfiguration configuration,
    IHostEnvironment environment,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    ResourceCommandService commands,
    TimeProvider time,
    ILogger<ResourceServiceHost> logger) : IAsyncDisposable
{
    private GrpcServer? _server;

    /// <summary>Starts to listen.</summary>
    /// <returns>The address for callers on this machine.</returns>
    /// <exception cref="DistributedApplicationException">The address cannot be listened on.</exception>
    public async Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        var endpoint = ListenAddress.Parse(settings.ListenUrl);
        var service = new DashboardService(configuration, environment, notifications, logs, commands, time, logger);
        _server = new GrpcServer(service.Methods, new ApiKeyCheck(settings.ApiKey).IsAllowed, time, logger);
        try
        {
            return ListenAddress.ToUrl(await _server.StartAsync(endpoint, cancellationToken).ConfigureAwait(false));
        }
        catch (IOException e)
        {
            throw new DistributedApplicationException($"The resource service cannot listen on {endpoint}: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }
}
