using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Gunicorn.Publishing;
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
        foreach (var resource in resources.Where(static resource => !PublishedNginx.IsNginx(resource))
            .OrderBy(static resource => resource.Name, StringComparer.Ordinal))
        {
            services.Add(PublishedGunicorn.IsGunicorn(resource)
                ? await ReadPythonAsync(resource).ConfigureAwait(false)
                : await ReadServiceAsync(Project(resource)).ConfigureAwait(false));
        }

        return services.Count == 0
            ? throw new DistributedApplicationException(
                $"There is no project to publish to '{target.Name}': add one with AddProject or AddGunicornApp.")
            : new ServerApplication
            {
                Name = target.ApplicationName,
                AppHost = target.AppHost,
                ProxyGroup = target.ProxyGroup,
                Services = services.ToImmutable(),
                Proxy = ReadProxy([.. resources.Where(PublishedNginx.IsNginx)], services),
            };
    }

    private ProjectResource Project(IResource resource) => resource as ProjectResource
        ?? throw new DistributedApplicationException(
            $"'{resource.Name}' is neither a project nor nginx nor a gunicorn application, and '{target.Name}' runs nothing else: "
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
            IsSocketActivated = target.SocketActivation,
            Arguments = await values.ArgumentsAsync(project).ConfigureAwait(false),
            IsSupervised = isSupervised,
            Supervision = supervision ?? new SupervisorOptions(),
        };
    }

    /// <summary>Reads a Python application: gunicorn's own settings say how many workers it has, so it is one unit.</summary>
    private async Task<ServerService> ReadPythonAsync(IResource resource)
    {
        var application = PublishedGunicorn.Of(resource);
        var variables = await values.VariablesAsync(resource).ConfigureAwait(false);
        var isSupervised = resource.TryGetSupervisorOptions(out var supervision);
        return new ServerService
        {
            Name = resource.Name.ToLowerInvariant(),
            Python = new(application.Application, string.Join(' ', application.Packages), application.ReadFiles()),
            Executable = PythonRelease.Start,
            Project = string.Empty,
            IsNative = false,
            // gunicorn takes the socket of systemd by itself, and there is no other replica that could answer meanwhile.
            IsSocketActivated = true,
            Replicas = 1,
            Variables = [.. variables.OrderBy(static variable => variable.Name, StringComparer.Ordinal)],
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

        var published = PublishedNginx.Of(nginx);
        published.RefuseFilesOfImages($"'{target.Name}', which has no images,");
        if (published.HasBasicAuth)
        {
            throw new DistributedApplicationException(
                $"WithBasicAuth: nginx '{nginx.Name}' has no password on '{target.Name}': leave it out, and "
                + "add auth_basic with WithServerSnippet.");
        }

        var certificate = CertificateOf(published);
        if (certificate is null && published.Upstreams.Any(static upstream => upstream.IsHttp2))
        {
            throw new DistributedApplicationException(
                $"WithReverseProxy: a resource behind nginx '{nginx.Name}' speaks HTTP/2 only (AsHttp2Service), for which clients of "
                + $"'{target.Name}' need https: add WithTls.");
        }

        var paths = new ServerPaths(target.ApplicationName);
        var port = SystemdTarget.PortOf(nginx);
        var site = published.RenderSite(new(
            target.ApplicationName,
            $"/{paths.SiteFolder}",
            $"/{paths.CacheFolder}",
            port,
            Addresses(nginx),
            upstream => MembersOf(Service(upstream.Resource, services), paths))
        {
            CertificateFile = certificate is null ? null : $"/{paths.CertificateFile}",
            KeyFile = certificate is null ? null : $"/{paths.KeyFile}",
        });
        nginx.TryGetSupervisorOptions(out var supervision);
        return new ServerProxy(published, port, site, certificate, supervision);
    }

    /// <summary>All replicas are members: if one is down, nginx tries the next.</summary>
    private static NginxMembers MembersOf(ServerService service, ServerPaths paths) => new(
        [.. Enumerable.Range(1, service.Replicas).Select(replica => $"unix:{paths.Socket(service.Name, replica)}")],
        AreShared: service.Python is not null);

    /// <summary>
    /// The certificate and key that the AppHost names, to which the files of nginx are links; null where nginx does not end TLS.
    /// </summary>
    private (string Certificate, string Key)? CertificateOf(PublishedNginx nginx)
    {
        if (nginx.Tls is not { } tls)
        {
            return !nginx.RedirectsToHttps || nginx.HasTrustedProxies
                ? null
                : throw new DistributedApplicationException(
                    $"WithHttpsRedirect: nginx '{nginx.Name}' has no https on '{target.Name}': "
                    + "add WithTls, or WithTrustedProxies for a proxy that ends TLS.");
        }

        return tls is { CertificateFile: { } certificate, KeyFile: { } key } && IsPath(certificate) && IsPath(key)
            ? (certificate, key)
            : throw new DistributedApplicationException(
                $"WithTls: nginx '{nginx.Name}' needs the absolute paths of certificate and key on '{target.Name}', "
                + "of letters, digits and / . _ -: set CertificateFile and KeyFile.");
    }

    private static bool IsPath(string path) =>
        path.StartsWith('/')
        && path.All(static character => char.IsAsciiLetterOrDigit(character) || "/._-".Contains(character, StringComparison.Ordinal));

    private ServerService Service(IResource resource, IEnumerable<ServerService> services) =>
        services.FirstOrDefault(service => string.Equals(service.Name, resource.Name, StringComparison.OrdinalIgnoreCase))
        ?? throw new DistributedApplicationException(
            $"nginx passes requests to '{resource.Name}', which is not published to '{target.Name}'.");

    /// <summary>The addresses to listen on: all for an external endpoint, else loopback.</summary>
    private static ImmutableArray<string> Addresses(IResource nginx) =>
        nginx.Annotations.OfType<EndpointAnnotation>().Any(static endpoint => endpoint.IsExternal) ? ["*", "[::]"] : ["127.0.0.1", "[::1]"];
}
