using System.Runtime.Versioning;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Has the host wait, when all resources have been stopped, until nginx's last telemetry is sent.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TelemetryShutdown(NginxRuntime runtime) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => runtime.EndTelemetryAsync().AsTask();
}
