using System.Collections.Immutable;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Nginx.Rendering;
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
    ];

    private static IEnumerable<PublishedFile> Proxy(ServerApplication application, ServerProxy proxy, ServerPaths paths) =>
    [
        PublishedFile.OfText(paths.ProxyDropInFile, ProxyDropIn(application, proxy)),
        PublishedFile.OfText(paths.SiteFile, Site(application, proxy, paths)),
        .. proxy.Publication.Files.Select(file => PublishedFile.Of($"{paths.SiteFolder}/{file.Path}", file.Content)),
    ];

    /// <summary>The site, whose names are those of the application alone.</summary>
    private static string Site(ServerApplication application, ServerProxy proxy, ServerPaths paths)
    {
        var configuration = proxy.Publication.Configuration;
        NginxUpstream[] upstreams =
        [
            .. proxy.Upstreams.Select(upstream => Upstream(application, upstream, paths)),
            .. proxy.Publication.Externals.Select(
                upstream => upstream with { Name = SiteNames.Upstream(application.Name, upstream.Name) }),
        ];
        var text = NginxSiteRenderer.Render(
            configuration with
            {
                Routes =
                [
                    .. configuration.Routes.Select(
                        route => route with { Upstream = SiteNames.Upstream(application.Name, route.Upstream) }),
                ],
            },
            proxy.Publication.Paths,
            upstreams);
        return SiteNames.Qualify(application.Name, text);
    }

    /// <summary>The upstream of a service. All replicas are members: if one is down, nginx tries the next.</summary>
    private static NginxUpstream Upstream(ServerApplication application, (string Upstream, string Service) route, ServerPaths paths)
    {
        var service = application.Services.First(service => service.Name == route.Service);
        return new NginxUpstream(SiteNames.Upstream(application.Name, route.Upstream), "http",
            [.. Enumerable.Range(1, service.Replicas).Select(replica => $"unix:{paths.Socket(service.Name, replica)}")]);
    }

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
            .Set("Wants", application.Proxy is null ? replicas : $"{replicas} nginx.service")
            .Set("After", replicas)
            .Section("Install")
            .Set("WantedBy", "multi-user.target")
            .ToString();
    }

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

        return unit.ScheduleAsBatch().Set("LimitNOFILE", Math.Max(OpenFiles, proxy.Connections + FilesBesideConnections)).ToString();
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

    /// <remarks>Projects listen on Unix sockets, which have no URL: only nginx can be reached.</remarks>
    internal override (string Host, int Port) AddressOf(EndpointReference endpoint) =>
        NginxPublication.IsNginx(Published(endpoint.Resource))
        ? ("localhost", PortOf(Published(endpoint.Resource)))
        : throw new InvalidOperationException(
            $"'{endpoint.Resource.Name}' can only be reached through nginx on one server: refer to the endpoint of nginx.");

    /// <summary>The port on which nginx listens.</summary>
    internal static int PortOf(IResource nginx) => NginxPublication.PortOf(nginx) ?? DefaultPort;

    internal override async Task<IEnumerable<PublishedFile>> RenderAsync(PipelineStepContext context, string folder) =>
        ServerRenderer.Render(await new ServerModelReader(this, new ValueReader(this, context.ExecutionContext, context.CancellationToken))
            .ReadAsync(ResourcesOf(context.Model)).ConfigureAwait(false));
}
