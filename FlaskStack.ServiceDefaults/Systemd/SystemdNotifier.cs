using System.Net.Sockets;
using FlaskStack.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FlaskStack.ServiceDefaults.Systemd;

/// <summary>
/// Tells systemd when the service serves, when it stops, and, again and again, that it is alive: that is, that its thread pool still
/// works and its <c>live</c> health checks pass. A service that hangs falls silent, and systemd replaces it (<c>WatchdogSec</c>).
/// </summary>
internal sealed partial class SystemdNotifier(
    SystemdSettings settings,
    NotifySocket socket,
    HealthCheckService health,
    TimeProvider time,
    ILogger<SystemdNotifier> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>So many signs of life fall into the time that systemd waits for one.</summary>
    private const int SignsPerWait = 3;

    /// <summary>A stop waits no longer for systemd to take the news: it may itself be busy, and learns of the end in any case.</summary>
    private static readonly TimeSpan StoppingPatience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ended = new();
    private Task _watchdog = Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await TellAsync(NotifySocket.Ready, cancellationToken).ConfigureAwait(false);
        if (settings.Watchdog is { } wait)
        {
            _watchdog = ShowLifeAsync(wait / SignsPerWait, _ended.Token);
        }
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(StoppingPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await TellAsync(NotifySocket.Stopping, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            Log.NotTold(logger, NotifySocket.Stopping, settings.NotifySocket, $"it took no message for {StoppingPatience.TotalSeconds} s");
        }
    }

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _watchdog.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    private async Task ShowLifeAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                var report = await health.CheckHealthAsync(check => check.Tags.Contains(HealthPaths.LiveTag), cancellationToken).ConfigureAwait(false);
                if (report.Status == HealthStatus.Unhealthy)
                {
                    Log.NotAlive(logger);
                    continue;
                }

                await TellAsync(NotifySocket.Alive, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The service has stopped.
        }
    }

    private async Task TellAsync(string message, CancellationToken cancellationToken)
    {
        try
        {
            await socket.SendAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            Log.NotTold(logger, message, settings.NotifySocket, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "systemd cannot be told {Message} at {Socket}: {Reason}")]
        public static partial void NotTold(ILogger logger, string message, string socket, string reason);

        [LoggerMessage(2, LogLevel.Error, "A live check fails: systemd gets no sign of life, and replaces this process unless it recovers.")]
        public static partial void NotAlive(ILogger logger);
    }
}
