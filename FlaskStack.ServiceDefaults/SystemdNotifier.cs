using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FlaskStack.ServiceDefaults;

/// <summary>
/// Notifies systemd (<c>sd_notify(3)</c>) when the service is ready, when it stops, and regularly that it is alive: its thread pool works
/// and its <c>live</c> health checks pass. systemd replaces a service that falls silent (<c>WatchdogSec</c>).
/// </summary>
internal sealed partial class SystemdNotifier(
    SystemdSettings settings,
    HealthCheckService health,
    TimeProvider time,
    ILogger<SystemdNotifier> logger) : IHostedLifecycleService, IDisposable
{
    private const string Ready = "READY=1";
    private const string Stopping = "STOPPING=1";
    private const string Alive = "WATCHDOG=1";

    /// <summary>Heartbeats per watchdog interval.</summary>
    private const int HeartbeatsPerInterval = 3;

    /// <summary>The longest wait for systemd to take the message of a stop: it sees the end in any case.</summary>
    private static readonly TimeSpan StoppingTimeout = TimeSpan.FromSeconds(1);

    // A leading zero byte makes the name abstract: it is not in the file system.
    private readonly UnixDomainSocketEndPoint _address =
        new(settings.NotifySocket is ['@', .. var name] ? $"\0{name}" : settings.NotifySocket);

    private readonly CancellationTokenSource _stopped = new();
    private Task _watchdog = Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await SendAsync(Ready, cancellationToken).ConfigureAwait(false);
        if (settings.Watchdog is { } interval)
        {
            _watchdog = SendHeartbeatsAsync(interval / HeartbeatsPerInterval, _stopped.Token);
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(StoppingTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await SendAsync(Stopping, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            Log.NotSent(logger, Stopping, settings.NotifySocket, $"it took no message for {StoppingTimeout.TotalSeconds} s");
        }
    }

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        await _watchdog.ConfigureAwait(false);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopped.Dispose();

    private async Task SendHeartbeatsAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                var report = await health
                    .CheckHealthAsync(check => check.Tags.Contains(HealthEndpoints.LiveTag), cancellationToken)
                    .ConfigureAwait(false);
                if (report.Status == HealthStatus.Unhealthy)
                {
                    Log.NotAlive(logger);
                    continue;
                }

                await SendAsync(Alive, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The service has stopped.
        }
    }

    /// <summary>Sends a message as one datagram; waits while the receiver's queue is full.</summary>
    private async Task SendAsync(string message, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // Only a connected socket can wait for room in the receiver's queue.
            await socket.ConnectAsync(_address, cancellationToken).ConfigureAwait(false);
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            Log.NotSent(logger, message, settings.NotifySocket, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "systemd did not get {Message} at {Socket}: {Reason}")]
        public static partial void NotSent(ILogger logger, string message, string socket, string reason);

        [LoggerMessage(2, LogLevel.Error, "A live check fails: systemd gets no heartbeat, and replaces this process unless it recovers.")]
        public static partial void NotAlive(ILogger logger);
    }
}

/// <summary>What systemd passes to a service of <c>Type=notify</c> in its environment.</summary>
/// <param name="NotifySocket">Where systemd takes messages (<c>NOTIFY_SOCKET</c>): a path, or an abstract name behind <c>@</c>.</param>
/// <param name="Watchdog">The watchdog interval (<c>WATCHDOG_USEC</c>), or null without a watchdog.</param>
internal sealed record SystemdSettings(string NotifySocket, TimeSpan? Watchdog)
{
    /// <summary>Reads the settings.</summary>
    /// <param name="configuration">The configuration of the host, which has the environment in it.</param>
    /// <param name="processId">This process; the watchdog may be meant for another one.</param>
    /// <returns>The settings, or null for a process that systemd did not start.</returns>
    public static SystemdSettings? Read(IConfiguration configuration, int processId)
    {
        if (configuration["NOTIFY_SOCKET"] is not { Length: > 1 } socket || socket[0] is not ('/' or '@'))
        {
            return null;
        }

        var isWatched = IsMeant(configuration["WATCHDOG_PID"], processId);
        return new SystemdSettings(socket, isWatched ? Microseconds(configuration["WATCHDOG_USEC"]) : null);
    }

    private static bool IsMeant(string? watched, int processId) =>
        string.IsNullOrEmpty(watched) || watched == processId.ToString(CultureInfo.InvariantCulture);

    private static TimeSpan? Microseconds(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds is > 0 and <= long.MaxValue / TimeSpan.TicksPerMicrosecond
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
}

/// <summary>Registers the notifier.</summary>
internal static class SystemdNotifierExtensions
{
    /// <summary>Adds the notifier; does nothing if systemd did not start this process.</summary>
    public static void AddSystemdNotifier(this IHostApplicationBuilder builder)
    {
        if (SystemdSettings.Read(builder.Configuration, Environment.ProcessId) is { } settings)
        {
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.AddSingleton(settings);
            builder.Services.AddHostedService<SystemdNotifier>();
        }
    }
}
