using System.Globalization;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Where things are on the server, after the Filesystem Hierarchy Standard.</summary>
/// <param name="Application">The name of the application.</param>
internal sealed record ServerPaths(string Application)
{
    /// <summary>systemd puts the number of the replica here.</summary>
    private const string InstanceName = "%i";

    public string TargetName => $"{Application}.target";

    public string TargetFile => $"etc/systemd/system/{TargetName}";

    public string ProxyDropInFile => $"etc/systemd/system/nginx.service.d/{Application}.conf";

    public string SiteFile => $"etc/nginx/sites-available/{Application}.conf";

    public string EnabledSiteFile => $"etc/nginx/sites-enabled/{Application}.conf";

    /// <summary>The folder of pages and snippets.</summary>
    public string SiteFolder => $"etc/nginx/{Application}";

    public string SettingsFolder => $"etc/{Application}";

    public string HomeFolder => $"opt/{Application}";

    public string UnitName(string service) => $"{Application}-{service}";

    public string UnitName(string service, int replica) => $"{Application}-{service}@{Number(replica)}.service";

    public string UnitFile(string service) => $"etc/systemd/system/{UnitName(service)}@.service";

    public string SettingsFile(string service) => $"{SettingsFolder}/{service}.env";

    public string ServiceFolder(string service) => $"{HomeFolder}/{service}";

    /// <summary>A link to the release in use.</summary>
    public string CurrentRelease(string service) => $"{ServiceFolder(service)}/current";

    /// <summary>The folder of a replica's socket below <c>/run</c>, as a unit template writes it.</summary>
    public string RuntimeFolder(string service) => RuntimeFolder(service, InstanceName);

    /// <summary>The socket of a replica, as a unit template writes it.</summary>
    public string Socket(string service) => Socket(service, InstanceName);

    public string Socket(string service, int replica) => Socket(service, Number(replica));

    private string RuntimeFolder(string service, string replica) => $"{Application}/{service}-{replica}";

    private string Socket(string service, string replica) => $"/run/{RuntimeFolder(service, replica)}/http.sock";

    private static string Number(int replica) => replica.ToString(CultureInfo.InvariantCulture);
}
