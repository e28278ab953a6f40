using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace FlaskStack.ServiceDefaults;

/// <summary>
/// Tells systemd regularly that the service is alive: its thread pool works and its <c>live</c> health checks pass. systemd replaces a
/// service that falls silent (<c>WatchdogSec</c>).
/// </summary>
/// <param name="interval">The watchdog interval.</param>
/// <param name="systemd">Sends to systemd.</param>
/// <param name="health">The health checks.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class SystemdWatchdog(
    TimeSpan interval,
    ISystemdNotifier systemd,
    HealthCheckService health,
    TimeProvider time,
    ILogger<SystemdWatchdog> logger) : BackgroundService
{
    private const int HeartbeatsPerInterval = 3;

    private static readonly ServiceState Alive = new("WATCHDOG=1");

    /// <summary>The watchdog interval that systemd asks for, or null where it watches nothing, or another process.</summary>
    /// <param name="configuration">The configuration of the host, which has the environment in it.</param>
    /// <param name="processId">This process.</param>
    public static TimeSpan? IntervalOf(IConfiguration configuration, int processId) =>
        configuration["WATCHDOG_PID"] is { Length: > 0 } watched && watched != processId.ToString(CultureInfo.InvariantCulture)
            ? null
            : long.TryParse(configuration["WATCHDOG_USEC"], NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
                && microseconds is > 0 and <= long.MaxValue / TimeSpan.TicksPerMicrosecond
                ? TimeSpan.FromMicroseconds(microseconds)
                : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval / HeartbeatsPerInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            var report = await health
                .CheckHealthAsync(check => check.Tags.Contains(HealthEndpoints.LiveTag), stoppingToken)
                .ConfigureAwait(false);
            if (report.Status == HealthStatus.Unhealthy)
            {
                Log.NotAlive(logger);
                continue;
            }

            Send();
        }
    }

    private void Send()
    {
        try
        {
            systemd.Notify(Alive);
        }
        catch (SocketException exception)
        {
            // It takes no messages while it executes itself anew.
            Log.NotSent(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A live check fails: systemd gets no heartbeat, and replaces this process unless it recovers.")]
        public static partial void NotAlive(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "systemd did not get a heartbeat: {Reason}")]
        public static partial void NotSent(ILogger logger, string reason);
    }
}

/// <summary>Registers what a service of systemd needs.</summary>
internal static class SystemdExtensions
{
    /// <summary>
    /// Notifies systemd when the service is ready, when it stops and, if it asks for that, that it is alive, and writes the log as the
    /// journal reads it; does nothing if systemd did not start this process.
    /// </summary>
    public static void AddSystemdNotifications(this IHostApplicationBuilder builder)
    {
        if (!SystemdHelpers.IsSystemdService())
        {
            return;
        }

        builder.Services.AddSystemd();
        if (SystemdWatchdog.IntervalOf(builder.Configuration, Environment.ProcessId) is { } interval)
        {
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<SystemdWatchdog>(provider, interval));
        }
    }
}
