using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>
/// Every nginx of an application. At its end nginx answers the requests in flight before anything behind it is stopped, and sends its last
/// telemetry when it has ended.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxHost : IHostedLifecycleService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, NginxLifecycle> _lifecycles = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public NginxLifecycle this[string name] => _lifecycles.TryGetValue(name, out var lifecycle)
        ? lifecycle
        : throw new InvalidOperationException($"The resource '{name}' has not been started yet.");

    public void Add(string name, NginxLifecycle lifecycle) => _lifecycles[name] = lifecycle;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_lifecycles.Values.Select(lifecycle => lifecycle.DrainAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, lifecycle) in _lifecycles)
        {
            if (_lifecycles.TryRemove(name, out _))
            {
                await lifecycle.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
