using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>An application that has been built.</summary>
/// <param name="host">The host that runs it.</param>
public class DistributedApplication(IHost host) : IHost, IAsyncDisposable
{
    /// <summary>Gets the services of the application.</summary>
    public IServiceProvider Services => host.Services;

    /// <summary>Gets the states of the resources.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Gets what executes the commands of the resources.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    /// <summary>Starts the application.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>A task that completes when it has started.</returns>
    public virtual Task StartAsync(CancellationToken cancellationToken = default) => host.StartAsync(cancellationToken);

    /// <summary>Stops the application.</summary>
    /// <param name="cancellationToken">Ends the wait for resources to stop by themselves.</param>
    /// <returns>A task that completes when it has stopped.</returns>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    /// <summary>Frees what the application holds.</summary>
    public virtual void Dispose()
    {
        host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the application holds.</summary>
    /// <returns>A task that completes when that is done.</returns>
    public virtual async ValueTask DisposeAsync()
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            host.Dispose();
        }

        GC.SuppressFinalize(this);
    }
}
