using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Pipelines;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

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
