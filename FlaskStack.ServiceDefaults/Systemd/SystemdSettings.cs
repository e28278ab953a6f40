using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace FlaskStack.ServiceDefaults.Systemd;

/// <summary>What systemd tells a service of <c>Type=notify</c> in its environment.</summary>
/// <param name="NotifySocket">Where systemd takes messages (<c>NOTIFY_SOCKET</c>): a path, or an abstract name behind <c>@</c>.</param>
/// <param name="Watchdog">How long systemd waits for a sign of life (<c>WATCHDOG_USEC</c>), or null when it does not wait.</param>
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

        return new SystemdSettings(socket, IsMeant(configuration["WATCHDOG_PID"], processId) ? Microseconds(configuration["WATCHDOG_USEC"]) : null);
    }

    private static bool IsMeant(string? watched, int processId) =>
        string.IsNullOrEmpty(watched) || watched == processId.ToString(CultureInfo.InvariantCulture);

    private static TimeSpan? Microseconds(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0 && microseconds <= TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond
            ? TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond)
            : null;
}
