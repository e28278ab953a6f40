using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard.Settings;

/// <summary>Decides on the dashboard of a run while the application is built, and tells the configuration what was decided.</summary>
/// <remarks>
/// That is before any resource's environment is made: resources and integrations read in the configuration where telemetry goes and
/// with which key. Without a dashboard nothing is chosen and nothing written.
/// </remarks>
internal static class DashboardConfiguration
{
    /// <summary>The settings; null when the dashboard is off.</summary>
    /// <param name="configuration">What is read, and written in memory.</param>
    /// <param name="options">The builder's options.</param>
    /// <param name="ports">The ports taken, which are kept until disposed.</param>
    /// <exception cref="DistributedApplicationException">A value is not valid; the message names its key and the mend.</exception>
    public static DashboardSettings? Apply(ConfigurationManager configuration, DistributedApplicationOptions options, out DashboardPorts ports)
    {
        ports = new DashboardPorts(new PortAllocator());
        var reader = new DashboardSettingsReader(configuration, ports);
        if (options.DisableDashboard || !reader.IsEnabled)
        {
            return null;
        }

        try
        {
            var settings = reader.Read();
            configuration.AddInMemoryCollection(Decided(settings).Where(entry => entry.Value is not null));
            return settings;
        }
        catch
        {
            ports.Dispose();
            throw;
        }
    }

    private static Dictionary<string, string?> Decided(DashboardSettings settings) => new()
    {
        [DashboardKeys.OtlpGrpcUrl] = settings.OtlpGrpc?.PublicUrl,
        [DashboardKeys.OtlpHttpUrl] = settings.OtlpHttp?.PublicUrl,
        [DashboardKeys.OtlpApiKey] = settings.Secrets.OtlpApiKey,
        [DashboardKeys.DashboardApiKey] = settings.Secrets.ApiKey,
        [DashboardKeys.BrowserToken] = settings.Secrets.BrowserToken,
        [DashboardKeys.ResourceServiceApiKey] = settings.Secrets.ResourceServiceApiKey,
        [DashboardKeys.ResourceServiceAuthMode] = settings.Secrets.ResourceServiceApiKey is null ? "Unsecured" : "ApiKey",
    };
}
