using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace FlaskStack.ServiceDefaults;

/// <summary>
/// Sends what is left when the service stops, for two seconds at most. Without it the SDK waits 5 s each for traces, metrics and logs, one
/// after the other, while a collector does not answer: the process is killed before that.
/// </summary>
internal sealed class TelemetryShutdown(TracerProvider traces, MeterProvider metrics, LoggerProvider logs) : IHostedService
{
    private const int Milliseconds = 2000;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Without the host's token: a stop that ran out of time has still something to send.
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => traces.Shutdown(Milliseconds), CancellationToken.None),
        Task.Run(() => metrics.Shutdown(Milliseconds), CancellationToken.None),
        Task.Run(() => logs.Shutdown(Milliseconds), CancellationToken.None));
}
