using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing.Applications;

/// <summary>Stands before the AppHost's own host: the test learns how starting went, and may give up in the middle of it.</summary>
/// <param name="inner">The host that does the work.</param>
/// <param name="start">What the test learns and decides.</param>
internal sealed class InterceptedHost(IHost inner, HostStart start) : IHost, IAsyncDisposable
{
    /// <summary>Gets the services of the AppHost.</summary>
    public IServiceProvider Services => inner.Services;

    /// <summary>Puts itself in the place of the registered host.</summary>
    public static void Register(IServiceCollection services, HostStart start)
    {
        var descriptor = services.LastOrDefault(service => service.ServiceType == typeof(IHost) && !service.IsKeyedService)
            ?? throw new InvalidOperationException("The application's builder has no host to start: IHost is not registered.");
        services.Remove(descriptor);
        services.AddSingleton<IHost>(provider => new InterceptedHost(Create(descriptor, provider), start));
    }

    /// <summary>Starts the application.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, start.Abandoned);
            await inner.StartAsync(linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            start.SetFailed(exception);
            await StopWhatStartedAsync().ConfigureAwait(false);
            throw;
        }

        start.SetStarted();
    }

    /// <summary>Stops the application.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        start.SetStopped();
        await inner.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the application if it runs, and frees what the host holds.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Stops the application if it runs, and frees what the host holds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (start.IsRunning)
        {
            // A test that disposes and does not stop must leave no resource behind.
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        if (inner is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            inner.Dispose();
        }
    }

    private static IHost Create(ServiceDescriptor descriptor, IServiceProvider provider) =>
        (IHost)(descriptor.ImplementationInstance
            ?? descriptor.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, descriptor.ImplementationType!));

    // A host that failed half-way leaves its started services running; nothing but this would stop them.
    private async Task StopWhatStartedAsync()
    {
        try
        {
            await inner.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the failure to start is what the test has to see
        catch (Exception)
#pragma warning restore CA1031
        {
            // Nothing is left to try.
        }
    }
}
