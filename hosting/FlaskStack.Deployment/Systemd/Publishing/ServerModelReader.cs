using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Publishing;
using Aspire.Hosting.Publishing.Values;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Systemd.Model;

namespace Aspire.Hosting.Systemd.Publishing;

/// <summary>Reads from the model what one server is to run.</summary>
internal sealed class ServerModelReader(SystemdEnvironmentResource environment)
{
    private const string KestrelEndpointsPrefix = "Kestrel__Endpoints__";

    /// <summary>The unit says where a project listens and who it is; these would gainsay it.</summary>
    private static readonly string[] SettledByUnit = ["ASPNETCORE_URLS", "HTTP_PORTS", "HTTPS_PORTS", "OTEL_SERVICE_NAME"];

    private readonly ValueReader _values = new(environment);

    /// <exception cref="DistributedApplicationException">Something in the model has no place on one server; the message names it and the mend.</exception>
    public async Task<ServerApplication> ReadAsync(DistributedApplicationModel model, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        if (!ApplicationName.IsValid(environment.ApplicationName))
        {
            throw new DistributedApplicationException(
                $"ApplicationName of '{environment.Name}' is '{environment.ApplicationName}': give a small letter, then small letters, digits and hyphens, at most 40 in all.");
        }

        var resources = model.Resources.OfType<IComputeResource>().Where(IsMeant).OrderBy(static resource => resource.Name, StringComparer.Ordinal).ToArray();
        var services = ImmutableArray.CreateBuilder<ServerService>();
        foreach (var resource in resources.Where(static resource => !NginxPublication.IsNginx(resource)))
        {
            services.Add(await ReadServiceAsync(Project(resource), executionContext, cancellationToken).ConfigureAwait(false));
        }

        return services.Count == 0
            ? throw new DistributedApplicationException($"There is no project to publish to '{environment.Name}': add one with AddProject.")
            : new ServerApplication
            {
                Name = environment.ApplicationName,
                AppHost = environment.AppHost,
                ProxyGroup = environment.ProxyGroup,
                Services = services.ToImmutable(),
                Proxy = ReadProxy([.. resources.Where(NginxPublication.IsNginx)], services),
            };
    }

    private bool IsMeant(IResource resource) =>
        !resource.IsExcludedFromPublish() && (resource.GetComputeEnvironment() is not { } bound || bound == environment);

    private ProjectResource Project(IResource resource) => resource as ProjectResource
        ?? throw new DistributedApplicationException(
            $"'{resource.Name}' is neither a project nor nginx, and '{environment.Name}' runs nothing else: leave it out with ExcludeFromManifest(), or publish to containers.");

    private async Task<ServerService> ReadServiceAsync(ProjectResource project, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var file = PublishedProject.Read(project);
        var variables = await _values.VariablesAsync(
            project,
            executionContext,
            static name => !SettledByUnit.Contains(name, StringComparer.OrdinalIgnoreCase),
            cancellationToken).ConfigureAwait(false);
        if (variables.Any(static variable => variable.Name.StartsWith(KestrelEndpointsPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException(
                $"Project '{project.Name}' has Kestrel:Endpoints in its settings, which go before the Unix socket of its unit: remove them, or add the project with ExcludeKestrelEndpoints.");
        }

        var isSupervised = project.TryGetSupervisorOptions(out var supervision);
        return new ServerService
        {
            Name = project.Name.ToLowerInvariant(),
            Executable = file.AssemblyName,
            Project = Path.GetRelativePath(Path.GetFullPath("..", environment.AppHostDirectory), file.File).Replace('\\', '/'),
            IsNative = file.IsNative,
            Replicas = project.GetReplicaCount(),
            Variables = variables,
            Arguments = await _values.ArgumentsAsync(project, executionContext, cancellationToken).ConfigureAwait(false),
            IsSupervised = isSupervised,
            Supervision = supervision ?? new SupervisorOptions(),
        };
    }

    private ServerProxy? ReadProxy(IComputeResource[] proxies, IReadOnlyCollection<ServerService> services)
    {
        if (proxies is [])
        {
            return null;
        }

        if (proxies is not [var nginx])
        {
            throw new DistributedApplicationException($"'{environment.Name}' has one nginx, and the model has {proxies.Length}: bind the others to another environment with WithComputeEnvironment.");
        }

        var publication = NginxPublication.Read(nginx, new NginxRunPaths($"/{new ServerPaths(environment.ApplicationName).SiteFolder}"));
        nginx.TryGetSupervisorOptions(out var supervision);
        return new ServerProxy(
            publication with { Configuration = publication.Configuration with { Listen = new NginxListen(NginxPublication.PortOf(nginx) ?? SystemdEnvironmentResource.DefaultPort, Addresses(nginx)) } },
            [.. publication.Sources.Select(source => (source.Name, Service(source.Resource, services)))],
            supervision);
    }

    private string Service(IResource resource, IEnumerable<ServerService> services) =>
        services.FirstOrDefault(service => string.Equals(service.Name, resource.Name, StringComparison.OrdinalIgnoreCase))?.Name
        ?? throw new DistributedApplicationException($"nginx passes requests to '{resource.Name}', which is not published to '{environment.Name}'.");

    /// <summary>Everybody reaches an endpoint that is external, and this machine alone one that is not.</summary>
    private static ImmutableArray<string> Addresses(IResource nginx) =>
        nginx.Annotations.OfType<EndpointAnnotation>().Any(static endpoint => endpoint.IsExternal) ? ["*", "[::]"] : ["127.0.0.1", "[::1]"];
}
