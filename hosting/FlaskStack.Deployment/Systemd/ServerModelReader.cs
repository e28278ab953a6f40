using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Reads the application of one server from the model.</summary>
internal sealed class ServerModelReader(SystemdTarget target, ValueReader values)
{
    private const string KestrelEndpointsPrefix = "Kestrel__Endpoints__";

    /// <summary>The variables that the unit sets itself.</summary>
    private static readonly string[] SettledByUnit = ["ASPNETCORE_URLS", "HTTP_PORTS", "HTTPS_PORTS", "OTEL_SERVICE_NAME"];

    /// <exception cref="DistributedApplicationException">
    /// The model has something that one server cannot run; the message names it and the fix.
    /// </exception>
    public async Task<ServerApplication> ReadAsync(IEnumerable<IResource> resources)
    {
        var services = ImmutableArray.CreateBuilder<ServerService>();
        foreach (var resource in resources.Where(static resource => !NginxPublication.IsNginx(resource))
            .OrderBy(static resource => resource.Name, StringComparer.Ordinal))
        {
            services.Add(await ReadServiceAsync(Project(resource)).ConfigureAwait(false));
        }

        return services.Count == 0
            ? throw new DistributedApplicationException($"There is no project to publish to '{target.Name}': add one with AddProject.")
            : new ServerApplication
            {
                Name = target.ApplicationName,
                AppHost = target.AppHost,
                ProxyGroup = target.ProxyGroup,
                Services = services.ToImmutable(),
                Proxy = ReadProxy([.. resources.Where(NginxPublication.IsNginx)], services),
            };
    }

    private ProjectResource Project(IResource resource) => resource as ProjectResource
        ?? throw new DistributedApplicationException(
            $"'{resource.Name}' is neither a project nor nginx, and '{target.Name}' runs nothing else: "
            + "leave it out with ExcludeFromManifest(), or publish to containers.");

    private async Task<ServerService> ReadServiceAsync(ProjectResource project)
    {
        var file = PublishedProject.Read(project);
        var variables = await values.VariablesAsync(project, static name => !SettledByUnit.Contains(name, StringComparer.OrdinalIgnoreCase))
            .ConfigureAwait(false);
        if (variables.Any(static variable => variable.Name.StartsWith(KestrelEndpointsPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException(
                $"Project '{project.Name}' has Kestrel:Endpoints in its settings, which override the Unix socket of its unit: "
                + "remove them, or add the project with ExcludeKestrelEndpoints.");
        }

        var isSupervised = project.TryGetSupervisorOptions(out var supervision);
        return new ServerService
        {
            Name = project.Name.ToLowerInvariant(),
            Executable = file.AssemblyName,
            Project = Path.GetRelativePath(Path.GetFullPath("..", target.AppHostDirectory), file.File).Replace('\\', '/'),
            IsNative = file.IsNative,
            Replicas = project.GetReplicaCount(),
            Variables = [.. variables.OrderBy(static variable => variable.Name, StringComparer.Ordinal)],
            Arguments = await values.ArgumentsAsync(project).ConfigureAwait(false),
            IsSupervised = isSupervised,
            Supervision = supervision ?? new SupervisorOptions(),
        };
    }

    private ServerProxy? ReadProxy(IResource[] proxies, IReadOnlyCollection<ServerService> services)
    {
        if (proxies is [])
        {
            return null;
        }

        if (proxies is not [var nginx])
        {
            throw new DistributedApplicationException(
                $"'{target.Name}' has one nginx, and the model has {proxies.Length}: "
                + "bind the others to another environment with WithComputeEnvironment.");
        }

        var publication = NginxPublication.Read(nginx, new NginxRunPaths($"/{new ServerPaths(target.ApplicationName).SiteFolder}"));
        nginx.TryGetSupervisorOptions(out var supervision);
        var listen = new NginxListen(SystemdTarget.PortOf(nginx), Addresses(nginx));
        return new ServerProxy(
            publication with { Configuration = publication.Configuration with { Listen = listen } },
            [.. publication.Sources.Select(source => (source.Name, Service(source.Resource, services)))],
            supervision);
    }

    private string Service(IResource resource, IEnumerable<ServerService> services) =>
        services.FirstOrDefault(service => string.Equals(service.Name, resource.Name, StringComparison.OrdinalIgnoreCase))?.Name
        ?? throw new DistributedApplicationException(
            $"nginx passes requests to '{resource.Name}', which is not published to '{target.Name}'.");

    /// <summary>The addresses to listen on: all for an external endpoint, else loopback.</summary>
    private static ImmutableArray<string> Addresses(IResource nginx) =>
        nginx.Annotations.OfType<EndpointAnnotation>().Any(static endpoint => endpoint.IsExternal) ? ["*", "[::]"] : ["127.0.0.1", "[::1]"];
}
