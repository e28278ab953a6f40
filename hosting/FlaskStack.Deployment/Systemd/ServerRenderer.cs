using System.Collections.Immutable;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Renders the files of an application. The output is deterministic.</summary>
internal static class ServerRenderer
{
    /// <summary>The placeholder of a value that has to be filled in.</summary>
    public const string Placeholder = "CHANGE-ME";

    private const int FilesBesideConnections = 256;

    /// <summary>The least limit of open files of nginx, the same for each application: one drop-in holds for all.</summary>
    private const int OpenFiles = 65_536;

    public static ImmutableArray<PublishedFile> Render(ServerApplication application)
    {
        var paths = application.Paths;
        return
        [
            PublishedFile.OfText("README.md", ReadmeRenderer.Render(application)),
            PublishedFile.OfText("install.sh", SetupScripts.Install(application), PublishedFile.Executable),
            PublishedFile.OfText("deploy.sh", DeployScript.Render(application), PublishedFile.Executable),
            PublishedFile.OfText("status.sh", StatusScript.Render(application), PublishedFile.Executable),
            PublishedFile.OfText("uninstall.sh", SetupScripts.Uninstall(application), PublishedFile.Executable),
            PublishedFile.OfText(paths.TargetFile, TargetUnit(application)),
            .. application.Services.SelectMany(service => Service(application, service, paths)),
            .. application.Proxy is { } proxy ? Proxy(application, proxy, paths) : [],
        ];
    }

    private static IEnumerable<PublishedFile> Service(ServerApplication application, ServerService service, ServerPaths paths) =>
    [
        PublishedFile.OfText(paths.UnitFile(service.Name), ServiceUnitRenderer.Render(application, service)),
        PublishedFile.OfText(paths.SettingsFile(service.Name), SettingsFile(application, service), PublishedFile.Private),
        .. service.IsSocketActivated
            ? [PublishedFile.OfText(paths.SocketUnitFile(service.Name), ServiceUnitRenderer.RenderSocket(application, service))]
            : Array.Empty<PublishedFile>(),
        .. service.Python is { } python ? PythonRelease.Files(service, python) : [],
    ];

    private static IEnumerable<PublishedFile> Proxy(ServerApplication application, ServerProxy proxy, ServerPaths paths) =>
    [
        PublishedFile.OfText(paths.ProxyDropInFile, ProxyDropIn(application, proxy)),
        PublishedFile.OfText(paths.SiteFile, proxy.Site.Text),
        .. proxy.Certificate is { } certificate
            ?
            [
                PublishedFile.OfText(paths.CertificateUnitFile("path"), CertificatePath(application, certificate)),
                PublishedFile.OfText(paths.CertificateUnitFile("service"), CertificateService(application, certificate, paths)),
            ]
            : Array.Empty<PublishedFile>(),
        .. proxy.Site.Files.Select(file => PublishedFile.Of($"{paths.SiteFolder}/{file.Path}", file.Content)),
    ];

    /// <summary>The target unit of the application: it starts the replicas and nginx, and stops the replicas.</summary>
    private static string TargetUnit(ServerApplication application)
    {
        var replicas = string.Join(' ', application.Services.SelectMany(service =>
            Enumerable.Range(1, service.Replicas).Select(replica => application.Paths.UnitName(service.Name, replica))));
        return new UnitWriter()
            .Comment($"Written by {application.AppHost}; publish again to change it.")
            .Section("Unit")
            .Set("Description",
                $"{application.Name}: {string.Join(", ", application.Services.Select(service => $"{service.Name} ×{service.Replicas}"))}")
            .Set("Wants", string.Join(' ', [replicas, .. SocketUnits(application), .. Wanted(application)]))
            .Set("After", replicas)
            .Section("Install")
            .Set("WantedBy", "multi-user.target")
            .ToString();
    }

    private static IEnumerable<string> SocketUnits(ServerApplication application) =>
        application.Services.Where(static service => service.IsSocketActivated).SelectMany(service =>
            Enumerable.Range(1, service.Replicas).Select(replica => application.Paths.SocketUnitName(service.Name, replica)));

    private static IEnumerable<string> Wanted(ServerApplication application) => application.Proxy switch
    {
        null => [],
        { Certificate: null } => ["nginx.service"],
        _ => ["nginx.service", application.Paths.CertificateUnit("path")],
    };

    /// <summary>
    /// Watches the certificate, which certbot renews. Of a link that another one replaces, systemd sees the change in the folder only.
    /// </summary>
    private static string CertificatePath(ServerApplication application, (string Certificate, string Key) files)
    {
        var unit = new UnitWriter()
            .Comment($"Written by {application.AppHost}; publish again to change it.")
            .Section("Unit")
            .Set("Description", $"{application.Name}: a new certificate of nginx")
            .Section("Path");
        string[] watched = [files.Certificate, files.Key, FolderOf(files.Certificate), FolderOf(files.Key)];
        foreach (var path in watched.Distinct(StringComparer.Ordinal))
        {
            unit.Set("PathChanged", path);
        }

        return unit.ToString();
    }

    private static string FolderOf(string path) => path.LastIndexOf('/') is > 0 and var end ? path[..end] : "/";

    /// <summary>Has nginx load the certificate; one that it does not accept leaves it with the one before.</summary>
    private static string CertificateService(
        ServerApplication application, (string Certificate, string Key) files, ServerPaths paths) => new UnitWriter()
        .Comment($"Written by {application.AppHost}; publish again to change it.")
        .Section("Unit")
        .Set("Description", $"{application.Name}: have nginx load its certificate")
        .Section("Service")
        .Set("Type", "oneshot")
        .Comment("Wait until certificate and key are both there")
        .Set("ExecStart", "/bin/sleep 1")
        .Set("ExecStart", $"/bin/ln -sfn {files.Certificate} /{paths.CertificateFile}")
        .Set("ExecStart", $"/bin/ln -sfn {files.Key} /{paths.KeyFile}")
        .Set("ExecStart", "/bin/systemctl reload nginx.service")
        .ToString();

    /// <summary>The drop-in of nginx.service: it always comes back, and has a higher limit of open files.</summary>
    private static string ProxyDropIn(ServerApplication application, ServerProxy proxy)
    {
        var unit = new UnitWriter().Comment($"Written by {application.AppHost}; publish again to change it.");
        if (proxy.Supervision is { Autorestart: not SupervisorAutorestart.Never } supervision)
        {
            unit.Section("Unit")
                .UnlimitedStarts()
                .Section("Service")
                // A server is to run until systemctl stops it: it starts again after any other end.
                .Restart(supervision with { Autorestart = SupervisorAutorestart.Always });
        }
        else
        {
            // No policy: a drop-in of another application may have one.
            unit.Section("Service");
        }

        return unit.ScheduleAsBatch()
            .Set("LimitNOFILE", Math.Max(OpenFiles, proxy.Nginx.WorkerConnections + FilesBesideConnections))
            .ToString();
    }

    /// <summary>The settings of the server: secrets, and parameters without a value. Only its owner may read the file.</summary>
    private static string SettingsFile(ServerApplication application, ServerService service)
    {
        var text = new StringBuilder()
            .Append("# Settings of ").Append(application.Name).Append(' ').Append(service.Name)
            .Append(": one NAME=\"value\" per line. They override those of the unit. Only root may read this file (mode 0600).\n");
        foreach (var variable in service.Variables.Where(static variable => variable.Value.Literal is null))
        {
            text.Append("\n# ").Append(Explain(variable)).Append('\n')
                .Append(variable.Name).Append("=\"").Append(variable.Value.Render(Escape, Mark)).Append("\"\n");
        }

        return text.ToString();
    }

    private static string Explain(Variable variable) =>
        $"Fill in {string.Join(", ", variable.Value.Parameters.Distinct().Select(Explain))}.";

    private static string Explain(PublishedParameter parameter)
    {
        var kind = parameter.IsSecret ? "secret" : "value";
        return parameter.IsEscaped ? $"the {kind} of '{parameter.Name}', escaped for a URL" : $"the {kind} of '{parameter.Name}'";
    }

    private static string Mark(PublishedParameter parameter) => $"{Placeholder}-{parameter.Key}";

    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("$", "\\$", StringComparison.Ordinal)
        .Replace("`", "\\`", StringComparison.Ordinal);
}

/// <summary>
/// One Linux server as a deployment target: systemd runs the projects, behind the nginx of the distribution.
/// </summary>
public sealed class SystemdTarget : DeploymentTarget
{
    /// <summary>nginx's port if the AppHost sets none.</summary>
    private const int DefaultPort = 80;

    internal SystemdTarget(string name, IDistributedApplicationBuilder builder)
        : base(name, builder, "systemd units, the nginx site and scripts")
    {
    }

    /// <summary>
    /// The group of nginx's workers on the server, which may connect to the sockets of the projects. Default <c>www-data</c>, as on Debian
    /// and Ubuntu.
    /// </summary>
    public string ProxyGroup { get; set; } = "www-data";

    /// <summary>
    /// Whether systemd holds the sockets of projects (socket activation): connections wait while a replica restarts, also if all of
    /// them do. Default false: nginx asks another replica at once. Each project then has to take its socket from systemd
    /// (<c>KestrelServerOptions.UseSystemd</c>). gunicorn does, so its socket is always systemd's.
    /// </summary>
    public bool SocketActivation { get; set; }

    /// <inheritdoc/>
    internal override IEnumerable<string> MissingSupervision => [nameof(SupervisorOptions.MaxRequests)];

    /// <remarks>Projects listen on Unix sockets, which have no URL: only nginx can be reached.</remarks>
    internal override (string Host, int Port) AddressOf(EndpointReference endpoint) =>
        PublishedNginx.IsNginx(Published(endpoint.Resource))
        ? ("localhost", PortOf(Published(endpoint.Resource)))
        : throw new InvalidOperationException(
            $"'{endpoint.Resource.Name}' can only be reached through nginx on one server: refer to the endpoint of nginx.");

    /// <summary>The port on which nginx listens.</summary>
    internal static int PortOf(IResource nginx) => PublishedNginx.Of(nginx).Port ?? DefaultPort;

    internal override async Task<IEnumerable<PublishedFile>> RenderAsync(PipelineStepContext context, string folder) =>
        ServerRenderer.Render(await new ServerModelReader(this, new ValueReader(this, context.ExecutionContext, context.CancellationToken))
            .ReadAsync(ResourcesOf(context.Model)).ConfigureAwait(false));
}
