using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.Gunicorn.Publishing;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

/// <summary>An application on one server.</summary>
internal sealed record ServerApplication
{
    /// <summary>The name that units, folders and the site begin with.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the AppHost that published it.</summary>
    public required string AppHost { get; init; }

    /// <summary>The group nginx's workers run as, which may use the sockets of the services.</summary>
    public required string ProxyGroup { get; init; }

    /// <summary>The services, by name.</summary>
    public required ImmutableArray<ServerService> Services { get; init; }

    /// <summary>The nginx, or null for an application without one.</summary>
    public ServerProxy? Proxy { get; init; }

    public ServerPaths Paths => new(Name);
}

/// <summary>A project of the application as systemd runs it: one unit per replica.</summary>
internal sealed record ServerService
{
    /// <summary>The name of the resource.</summary>
    public required string Name { get; init; }

    /// <summary>The Python application, or null for a project.</summary>
    public PythonService? Python { get; init; }

    /// <summary>The executable in the folder of a release.</summary>
    public required string Executable { get; init; }

    /// <summary>The project file, relative to the parent of the AppHost's folder; empty for a Python application.</summary>
    public required string Project { get; init; }

    /// <summary>Whether the release is native code.</summary>
    public required bool IsNative { get; init; }

    /// <summary>The number of replicas, at least 1.</summary>
    public required int Replicas { get; init; }

    /// <summary>The environment, by name.</summary>
    public ImmutableArray<Variable> Variables { get; init; } = [];

    /// <summary>The arguments.</summary>
    public ImmutableArray<PublishedValue> Arguments { get; init; } = [];

    /// <summary>Whether systemd holds the sockets, so that connections wait while a replica restarts.</summary>
    public required bool IsSocketActivated { get; init; }

    /// <summary>The options of <c>WithSupervisor</c>, or the defaults.</summary>
    public SupervisorOptions Supervision { get; init; } = new();

    /// <summary>Whether <c>WithSupervisor</c> was called; otherwise a replica that ends is not restarted.</summary>
    public required bool IsSupervised { get; init; }
}

/// <summary>A Python application that gunicorn runs.</summary>
/// <param name="Application">Its module and variable.</param>
/// <param name="Packages">What pip installs besides its requirements.</param>
/// <param name="Files">Its code, which is published with the units.</param>
internal sealed record PythonService(string Application, string Packages, IReadOnlyList<PublishedGunicornFile> Files);

/// <summary>The nginx in front.</summary>
/// <param name="Nginx">What the AppHost asks of it.</param>
/// <param name="Port">The port that it listens on.</param>
/// <param name="Site">Its site.</param>
/// <param name="Certificate">The certificate and key that it ends TLS with; null where it does not.</param>
/// <param name="Supervision">The options of <c>WithSupervisor</c>, or null without it.</param>
internal sealed record ServerProxy(
    PublishedNginx Nginx,
    int Port,
    PublishedNginxSite Site,
    (string Certificate, string Key)? Certificate,
    SupervisorOptions? Supervision);

/// <summary>The paths on the server, by the Filesystem Hierarchy Standard.</summary>
/// <param name="Application">The name of the application.</param>
internal sealed record ServerPaths(string Application)
{
    /// <summary>The specifier that systemd replaces with the number of the replica.</summary>
    private const string InstanceName = "%i";

    public string TargetName => $"{Application}.target";

    public string TargetFile => $"etc/systemd/system/{TargetName}";

    public const string ProxyDropInFolder = "etc/systemd/system/nginx.service.d";

    public string ProxyDropInFile => $"{ProxyDropInFolder}/{Application}.conf";

    public string SiteFile => $"etc/nginx/sites-available/{Application}.conf";

    public string EnabledSiteFile => $"etc/nginx/sites-enabled/{Application}.conf";

    /// <summary>The folder of pages and snippets.</summary>
    public string SiteFolder => $"etc/nginx/{Application}";

    /// <summary>The folder of responses that nginx keeps.</summary>
    public string CacheFolder => $"var/cache/{Application}-nginx";

    /// <summary>The folder with links to nginx's certificate and key.</summary>
    public string TlsFolder => $"{SettingsFolder}/tls";

    public string CertificateFile => $"{TlsFolder}/certificate.pem";

    public string KeyFile => $"{TlsFolder}/key.pem";

    /// <summary>The units that have nginx load a renewed certificate.</summary>
    public string CertificateUnit(string type) => $"{Application}-certificate.{type}";

    public string CertificateUnitFile(string type) => $"etc/systemd/system/{CertificateUnit(type)}";

    public string SettingsFolder => $"etc/{Application}";

    public string HomeFolder => $"opt/{Application}";

    public string UnitName(string service) => $"{Application}-{service}";

    public string UnitName(string service, int replica) => $"{Application}-{service}@{Number(replica)}.service";

    public string UnitFile(string service) => $"etc/systemd/system/{UnitName(service)}@.service";

    public string SocketUnitName(string service, int replica) => SocketUnitName(service, Number(replica));

    /// <summary>The socket unit of a replica, as a unit template writes it.</summary>
    public string SocketUnitName(string service) => SocketUnitName(service, InstanceName);

    public string SocketUnitFile(string service) => $"etc/systemd/system/{UnitName(service)}@.socket";

    public string SettingsFile(string service) => $"{SettingsFolder}/{service}.env";

    /// <summary>The folder of a Python application's code beside the scripts.</summary>
    public static string CodeFolder(string service) => $"code/{service}";

    public string ServiceFolder(string service) => $"{HomeFolder}/{service}";

    /// <summary>The link to the release in use.</summary>
    public string CurrentRelease(string service) => $"{ServiceFolder(service)}/current";

    /// <summary>The folder of a replica's socket below <c>/run</c>, as a unit template writes it.</summary>
    public string RuntimeFolder(string service) => RuntimeFolder(service, InstanceName);

    /// <summary>The socket of a replica, as a unit template writes it.</summary>
    public string Socket(string service) => Socket(service, InstanceName);

    public string Socket(string service, int replica) => Socket(service, Number(replica));

    private string SocketUnitName(string service, string replica) => $"{UnitName(service)}@{replica}.socket";

    private string RuntimeFolder(string service, string replica) => $"{Application}/{service}-{replica}";

    private string Socket(string service, string replica) => $"/run/{RuntimeFolder(service, replica)}/http.sock";

    private static string Number(int replica) => replica.ToString(CultureInfo.InvariantCulture);
}
