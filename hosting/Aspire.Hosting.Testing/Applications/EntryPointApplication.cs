using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing.Applications;

/// <summary>
/// An AppHost's application as its test sees it: the AppHost's own thread starts and stops it, so starting here lets
/// that thread go on, and stopping here waits until it has ended.
/// </summary>
internal sealed class EntryPointApplication(DistributedApplicationFactory factory, DistributedApplication application)
    : DistributedApplication(new EntryPointHost(factory, application.Services))
{
    public override Task StartAsync(CancellationToken cancellationToken = default) => factory.StartAsync(cancellationToken);

    public override Task StopAsync(CancellationToken cancellationToken = default) => factory.StopAsync(cancellationToken);

    public override async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await factory.StartAsync(cancellationToken).ConfigureAwait(false);
        await factory.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed class EntryPointHost(DistributedApplicationFactory factory, IServiceProvider services) : IHost, IAsyncDisposable
    {
        public IServiceProvider Services => services;

        public Task StartAsync(CancellationToken cancellationToken = default) => factory.StartAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken = default) => factory.StopAsync(cancellationToken);

        public void Dispose() => factory.Dispose();

        public ValueTask DisposeAsync() => factory.DisposeAsync();
    }
}
