using System.Globalization;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Systemd.Rendering;

/// <summary>The supervisor's options in systemd's words.</summary>
internal static class RestartSettings
{
    /// <summary>What a restart too many within the interval means: for the section <c>[Unit]</c>.</summary>
    public static void WriteLimit(UnitWriter unit, SupervisorOptions options) => unit
        .Set("StartLimitIntervalSec", options.StartLimitInterval)
        // The first start counts too.
        .Set("StartLimitBurst", options.StartRetries + 1);

    /// <summary>Which ends are followed by a start, and when: for the section <c>[Service]</c>.</summary>
    public static void WriteRestart(UnitWriter unit, SupervisorOptions options)
    {
        if (options.Autorestart == SupervisorAutorestart.Never)
        {
            unit.Set("Restart", "no");
            return;
        }

        unit.Set("Restart", "always");
        if (options.Autorestart == SupervisorAutorestart.Unexpected && options.ExitCodes.Length > 0)
        {
            unit.Set("RestartPreventExitStatus", string.Join(' ', options.ExitCodes.Order().Select(code => code.ToString(CultureInfo.InvariantCulture))));
        }

        unit.Set("RestartSec", options.Backoff.Initial);
    }
}
