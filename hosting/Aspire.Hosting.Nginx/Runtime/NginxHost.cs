using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>
/// Ends every nginx of an application in order: it answers the requests in flight before anything behind it is stopped, and its last
/// telemetry is sent when it has ended.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxHost : IHostedLifecycleService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, NginxRuntime> _runtimes = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public NginxRuntime this[string name] =>
        _runtimes.TryGetValue(name, out var runtime) ? runtime : throw new InvalidOperationException($"The resource '{name}' has not been started yet.");

    public void Add(string name, NginxRuntime runtime) => _runtimes[name] = runtime;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.WhenAll(_runtimes.Values.Select(runtime => runtime.DrainAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, runtime) in _runtimes)
        {
            if (_runtimes.TryRemove(name, out _))
            {
                await runtime.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
