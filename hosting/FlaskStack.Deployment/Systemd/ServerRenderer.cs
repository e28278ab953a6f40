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

/// <summary>Turns an application into files: the same input gives the same bytes.</summary>
internal static class ServerRenderer
{
    /// <summary>What stands where something has to be filled in.</summary>
    public const string Placeholder = "CHANGE-ME";

    private const int FilesBesideConnections = 256;

    public static ImmutableArray<PublishedFile> Render(ServerApplication application)
    {
        var paths = application.Paths;
        return
        [
            PublishedFile.OfText("README.md", ReadmeRenderer.Render(application)),
            PublishedFile.OfText("install.sh", SetupScripts.Install(application), PublishedFile.Executable),
            PublishedFile.OfText("deploy.sh", DeployScript.Render(application), PublishedFile.Executable),
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
        PublishedFile.OfText(paths.SiteFile, NginxSiteRenderer.Render(proxy.Publication.Configuration, proxy.Publication.Paths,
            [.. proxy.Upstreams.Select(upstream => Upstream(application, upstream, paths)), .. proxy.Publication.Externals])),
        .. proxy.Publication.Files.Select(file => PublishedFile.Of($"{paths.SiteFolder}/{file.Path}", file.Content)),
    ];

    /// <summary>Every replica is a member, whether it runs or not: one that is down has no socket, and the next is asked.</summary>
    private static NginxUpstream Upstream(ServerApplication application, (string Upstream, string Service) route, ServerPaths paths)
    {
        var service = application.Services.First(service => service.Name == route.Service);
        return new NginxUpstream(route.Upstream, "http",
            [.. Enumerable.Range(1, service.Replicas).Select(replica => $"unix:{paths.Socket(service.Name, replica)}")]);
    }

    /// <summary>The unit that stands for the application: starting it starts every replica, and stopping it stops them.</summary>
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

    /// <summary>What the distribution's nginx.service lacks: a restart when nginx dies, and room for connections.</summary>
    private static string ProxyDropIn(ServerApplication application, ServerProxy proxy) => new UnitWriter()
        .Comment($"Written by {application.AppHost}; publish again to change it.")
        .Section("Unit")
        // Starts by hand count too, and nginx is reloaded and restarted for other sites as well: there is no start too many.
        .Set("StartLimitIntervalSec", 0)
        .Section("Service")
        .Restart(proxy.Supervision ?? new SupervisorOptions { Autorestart = SupervisorAutorestart.Never })
        .TakeTurns()
        .Set("LimitNOFILE", proxy.Connections + FilesBesideConnections)
        .ToString();

    /// <summary>The file of what only the server knows: secrets, and parameters without a value. Its owner alone reads it.</summary>
    private static string SettingsFile(ServerApplication application, ServerService service)
    {
        var text = new StringBuilder()
            .Append("# Settings of ").Append(application.Name).Append(' ').Append(service.Name)
            .Append(": NAME=\"value\" a line. They go before those of the unit. Keep this file to root (mode 0600).\n");
        foreach (var variable in service.Variables.Where(static variable => variable.Value.Literal is null))
        {
            text.Append("\n# ").Append(Explain(variable)).Append('\n')
                .Append(variable.Name).Append("=\"").Append(variable.Value.Render(Escape, Mark)).Append("\"\n");
        }

        return text.ToString();
    }

    private static string Explain(Variable variable) =>
        $"Put in {string.Join(", ", variable.Value.Parameters.Distinct().Select(parameter => $"the {(parameter.IsSecret ? "secret" : "value")} of '{parameter.Name}'{(parameter.IsEscaped ? ", escaped for a URL" : "")}"))}.";

    private static string Mark(PublishedParameter parameter) => $"{Placeholder}-{parameter.Key}";

    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("$", "\\$", StringComparison.Ordinal)
        .Replace("`", "\\`", StringComparison.Ordinal);
}

/// <summary>
/// One Linux server, on which systemd runs the projects of the application and the distribution's nginx stands in front of them.
/// </summary>
public sealed class SystemdTarget : DeploymentTarget
{
    /// <summary>nginx's port where the AppHost names none.</summary>
    private const int DefaultPort = 80;

    internal SystemdTarget(string name, IDistributedApplicationBuilder builder)
        : base(name, builder, "systemd units, the nginx site and scripts")
    {
    }

    /// <summary>
    /// The group that nginx's workers run as on the server; members of it may connect to the sockets of the projects. Default
    /// <c>www-data</c>, which is Debian's and Ubuntu's.
    /// </summary>
    public string ProxyGroup { get; set; } = "www-data";

    /// <summary>nginx is reached on this machine; projects have Unix sockets, which no URL names.</summary>
    internal override (string Host, int Port) AddressOf(EndpointReference endpoint) =>
        NginxPublication.IsNginx(Published(endpoint.Resource))
        ? ("localhost", PortOf(Published(endpoint.Resource)))
        : throw new InvalidOperationException(
            $"'{endpoint.Resource.Name}' is reached through nginx alone on one server: refer to the endpoint of nginx.");

    /// <summary>Where nginx listens.</summary>
    internal static int PortOf(IResource nginx) => NginxPublication.PortOf(nginx) ?? DefaultPort;

    internal override async Task<IEnumerable<PublishedFile>> RenderAsync(PipelineStepContext context, string folder) =>
        ServerRenderer.Render(await new ServerModelReader(this, new ValueReader(this, context.ExecutionContext, context.CancellationToken))
            .ReadAsync(ResourcesOf(context.Model)).ConfigureAwait(false));
}
