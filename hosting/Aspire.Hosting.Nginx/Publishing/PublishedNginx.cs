using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Rendering;

namespace Aspire.Hosting.Nginx.Publishing;

/// <summary>
/// An nginx of the model, for a package that publishes it to a target of its own: what was asked of it, and its files there.
/// </summary>
public sealed class PublishedNginx
{
    private readonly IResource _resource;
    private readonly NginxAnnotation _options;

    private PublishedNginx(IResource resource, NginxAnnotation options) => (_resource, _options) = (resource, options);

    /// <summary>The port of nginx in a container, where it is not root.</summary>
    public const int ContainerPort = NginxImage.Port;

    /// <summary>The port for TLS of nginx in a container.</summary>
    public const int ContainerHttpsPort = NginxImage.HttpsPort;

    /// <summary>nginx's own image, with which <see cref="RenderContainer"/> works as it is.</summary>
    public const string ContainerImage = $"{NginxImage.Registry}/{NginxImage.Name}:{NginxImage.Tag}";

    /// <summary>The folder that the files of <see cref="RenderContainer"/> belong to.</summary>
    public const string ContainerFolder = NginxImage.Folder;

    /// <summary>The only folder in which nginx writes in a container; its entry point writes <c>nginx.conf</c> there.</summary>
    public const string ContainerWritableFolder = NginxImage.WritableFolder;

    /// <summary>The path of nginx's own health check.</summary>
    public const string HealthPath = NginxConfiguration.HealthPath;

    /// <summary>How much sooner nginx ends its workers than its container is to be ended: 5 s.</summary>
    public static TimeSpan ShutdownMargin => NginxImage.ShutdownMargin;

    /// <summary>Whether a resource was added with <c>AddNginx</c>, or stands for one that was.</summary>
    /// <param name="resource">A resource of the model.</param>
    public static bool IsNginx(IResource resource) => resource.Annotations.OfType<NginxAnnotation>().Any();

    /// <summary>The nginx that a resource is.</summary>
    /// <param name="resource">A resource of which <see cref="IsNginx"/> is true.</param>
    /// <exception cref="DistributedApplicationException">It was not added with <c>AddNginx</c>.</exception>
    public static PublishedNginx Of(IResource resource) => new(
        resource,
        resource.Annotations.OfType<NginxAnnotation>().LastOrDefault()
            ?? throw new DistributedApplicationException($"The resource '{resource.Name}' was not added with AddNginx."));

    /// <summary>The name of the resource.</summary>
    public string Name => _resource.Name;

    /// <summary>The port given in code, or null for any.</summary>
    public int? Port => _options.Port;

    /// <summary>The https port given in code; default 443.</summary>
    public int HttpsPort => _options.HttpsPort ?? NginxPublication.UsualHttpsPort;

    /// <summary>The connections per worker (<c>worker_connections</c>); default 20,480.</summary>
    public int WorkerConnections => Configuration.Workers.Connections ?? WorkerSizing.DefaultConnections;

    /// <summary>How long the requests of nginx's workers may take when it ends, or null where the AppHost does not say.</summary>
    public TimeSpan? ShutdownTimeout => Configuration.Timeouts.Shutdown;

    /// <summary>How long they may take in a container, where the AppHost does not say: 25 s.</summary>
    public TimeSpan ContainerShutdownTimeout => NginxImage.ShutdownOf(_resource);

    /// <summary>How long a member that failed is skipped (<c>fail_timeout</c>).</summary>
    public TimeSpan FailTimeout => Configuration.Upstream.FailTimeout;

    /// <summary>What <c>WithTls</c> asks for, or null without it.</summary>
    public NginxTlsOptions? Tls => Configuration.TlsOptions;

    /// <summary>Whether http is redirected to https (<c>WithHttpsRedirect</c>).</summary>
    public bool RedirectsToHttps => Configuration.HttpsRedirect is not null;

    /// <summary>Whether proxies in front of it are trusted (<c>WithTrustedProxies</c>).</summary>
    public bool HasTrustedProxies => !Configuration.TrustedProxies.IsEmpty;

    /// <summary>Whether it asks for a password (<c>WithBasicAuth</c>).</summary>
    public bool HasBasicAuth => Configuration.BasicAuth is not null;

    /// <summary>Whether it keeps responses (<c>WithCache</c>).</summary>
    public bool HasCache => Configuration.Cache is not null;

    /// <summary>The folder of <c>WithAcmeChallenge</c>, or null without it.</summary>
    public string? AcmeFolder => Configuration.AcmeFolder;

    /// <summary>The host names of <c>WithServerName</c>; empty for all.</summary>
    public IReadOnlyList<string> ServerNames => Configuration.ServerNames;

    /// <summary>Whether it passes requests to services outside the application.</summary>
    public bool HasExternalServices => !_options.Externals.IsEmpty;

    /// <summary>The resources behind it.</summary>
    /// <exception cref="DistributedApplicationException">One of them has no HTTP endpoint.</exception>
    public IReadOnlyList<PublishedUpstream> Upstreams => [.. _options.Sources.Select(static source => new PublishedUpstream(source))];

    private NginxConfiguration Configuration => _options.Configuration;

    /// <summary>Refuses options that select the member of an upstream, in a place where something else selects it.</summary>
    /// <param name="place">The place, as in "has no effect in …".</param>
    /// <param name="remedy">What to do instead.</param>
    /// <exception cref="DistributedApplicationException">Sessions are sticky, or there is another policy than the place's own.</exception>
    public void RefuseMemberSelection(string place, string remedy) => NginxPublication.RefuseSelection(_resource, place, remedy);

    /// <summary>Refuses certbot's folder in a place where nginx has none.</summary>
    /// <param name="place">The place, as in "no folder for certbot in …".</param>
    /// <param name="remedy">What to do instead.</param>
    /// <exception cref="DistributedApplicationException">There is one (<c>WithAcmeChallenge</c>).</exception>
    public void RefuseAcmeChallenge(string place, string remedy) => NginxPublication.RefuseAcmeChallenge(_resource, place, remedy);

    /// <summary>Refuses files out of another image in a place where nginx's image is not built beside that one.</summary>
    /// <param name="place">The place, as in "… does not copy the files".</param>
    /// <exception cref="DistributedApplicationException">There are some (<c>PublishWithStaticFiles</c>).</exception>
    public void RefuseFilesOfImages(string place) => NginxPublication.RefuseOtherImages(_resource, place);

    /// <summary>
    /// The files below <see cref="ContainerFolder"/> with which a container of <see cref="ContainerImage"/> does what the AppHost asks for.
    /// Its entry point fills in the variables of <see cref="PublishedNginxVariables"/> and of the upstreams.
    /// </summary>
    /// <param name="place">What depends on the place in which it runs.</param>
    /// <returns>The files in a fixed order: the same options give the same bytes.</returns>
    /// <exception cref="DistributedApplicationException">An upstream has no endpoint, or a file cannot be read.</exception>
    public IReadOnlyList<PublishedNginxFile> RenderContainer(NginxContainerPlace place) =>
        NginxImage.FilesFor(_resource, configuration => configuration with
        {
            Listen = new NginxListen(ContainerPort, [.. place.Addresses]),
            Timeouts = configuration.Timeouts with { Shutdown = configuration.Timeouts.Shutdown ?? place.ShutdownTimeout },
            HasHiddenMembers = place.HidesMembers,
            Workers = configuration.Workers with { Processes = configuration.Workers.Processes ?? place.WorkerProcesses },
        });

    /// <summary>The site for an nginx of a server, which its <c>nginx.conf</c> includes in <c>http</c>, beside other sites.</summary>
    /// <param name="place">What depends on the server.</param>
    /// <exception cref="DistributedApplicationException">A file cannot be read.</exception>
    public PublishedNginxSite RenderSite(NginxSitePlace place)
    {
        var publication = NginxPublication.Read(_resource, new NginxRunPaths(place.Folder) { CacheFolder = place.CacheFolder });
        var listen = new NginxListen(place.Port, [.. place.Addresses]);
        var text = NginxSiteRenderer.Render(
            publication.Configuration with
            {
                Listen = listen,
                Tls = place.CertificateFile is { } certificate && place.KeyFile is { } key
                    ? new(listen with { Port = HttpsPort }, certificate, key)
                    : null,
                Routes = [.. publication.Configuration.Routes.Select(route => route.Rename(name => SiteNames.Upstream(place.Name, name)))],
            },
            publication.Paths,
            [
                .. Upstreams.GroupBy(static upstream => upstream.Name).Select(upstream => Upstream(place, upstream)),
                .. publication.Externals.Select(upstream => upstream with { Name = SiteNames.Upstream(place.Name, upstream.Name) }),
            ]);
        return new(SiteNames.Qualify(place.Name, text), publication.Files);
    }

    private static NginxUpstream Upstream(NginxSitePlace place, IGrouping<string, PublishedUpstream> upstream)
    {
        var members = upstream.Select(place.MembersOf).ToArray();
        return new(SiteNames.Upstream(place.Name, upstream.Key), "http", [.. members.SelectMany(static part => part.Addresses)])
        {
            IsHttp2 = upstream.Any(static part => part.IsHttp2),
            IsShared = members.Any(static part => part.AreShared),
        };
    }
}

/// <summary>A resource behind a published nginx.</summary>
public sealed record PublishedUpstream
{
    internal PublishedUpstream(UpstreamSource source)
    {
        var endpoint = source.ResolveEndpoint();
        (Name, Resource, Endpoint) = (source.Name, source.Resource, new(source.Resource, endpoint));
        IsHttp2 = UpstreamSource.IsHttp2(endpoint);
        AddressVariable = NginxVariables.AddressOf(source.OwnName);
        HostVariable = NginxVariables.HostOf(source.Name);
    }

    /// <summary>The name of the upstream; the resources of a cluster have the same.</summary>
    public string Name { get; }

    /// <summary>The resource.</summary>
    public IResourceWithEndpoints Resource { get; }

    /// <summary>The endpoint that requests are passed to.</summary>
    public EndpointReference Endpoint { get; }

    /// <summary>Whether it speaks HTTP/2, without TLS too (<c>AsHttp2Service</c>).</summary>
    public bool IsHttp2 { get; }

    /// <summary>The variable of a container for its address, <c>host:port</c>.</summary>
    public string AddressVariable { get; }

    /// <summary>
    /// The variable of a container for the host name that it is asked for; nginx's own variables can be part of its value.
    /// </summary>
    public string HostVariable { get; }
}

/// <summary>Variables of a container that runs what <see cref="PublishedNginx.RenderContainer"/> gives.</summary>
public static class PublishedNginxVariables
{
    /// <summary>
    /// <c>resolve</c> to look up the names of upstreams again and again (nginx 1.27.3 and later), or empty to look them up once.
    /// </summary>
    public const string Resolve = NginxVariables.Resolve;

    /// <summary>The addresses, as CIDR, of proxies in front of nginx that are trusted to say who the client is.</summary>
    public const string TrustedProxy = NginxVariables.TrustedProxy;

    /// <summary>A value of <see cref="TrustedProxy"/>: every address, for a place where only an ingress reaches nginx.</summary>
    public const string Everybody = NginxVariables.Everybody;
}

/// <summary>The place of an nginx in a container.</summary>
public sealed record NginxContainerPlace
{
    /// <summary>
    /// The addresses to listen on, as nginx writes them: <c>*</c> for all of IPv4 (default), <c>[::]</c> for all of IPv6.
    /// </summary>
    public IReadOnlyList<string> Addresses { get; init; } = ["*"];

    /// <summary>
    /// How long the requests of nginx's workers may take when it ends, where the AppHost does not say. Default 25 s; at least
    /// <see cref="PublishedNginx.ShutdownMargin"/> less than the container has.
    /// </summary>
    public TimeSpan? ShutdownTimeout { get; init; }

    /// <summary>The worker processes, where the AppHost does not say; null (default) for one per processor.</summary>
    public int? WorkerProcesses { get; init; }

    /// <summary>
    /// Whether the address of an upstream stands for several members, of which each new connection gets one. Default false.
    /// </summary>
    public bool HidesMembers { get; init; }
}

/// <summary>The place of a site on a server.</summary>
/// <param name="Name">The name of the application, with which everything that the site declares for the whole nginx begins.</param>
/// <param name="Folder">The absolute path of the folder of its files.</param>
/// <param name="CacheFolder">The absolute path of the folder of kept responses.</param>
/// <param name="Port">The port to listen on.</param>
/// <param name="Addresses">The addresses to listen on, as nginx writes them.</param>
/// <param name="MembersOf">The members of an upstream.</param>
public sealed record NginxSitePlace(
    string Name,
    string Folder,
    string CacheFolder,
    int Port,
    IReadOnlyList<string> Addresses,
    Func<PublishedUpstream, NginxMembers> MembersOf)
{
    /// <summary>The absolute path of the certificate, as PEM; null (default) where nginx does not end TLS.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The absolute path of its key, as PEM.</summary>
    public string? KeyFile { get; init; }
}

/// <summary>The members of an upstream.</summary>
/// <param name="Addresses">Their addresses as nginx writes them: <c>unix:/path</c> or <c>host:port</c>.</param>
/// <param name="AreShared">Whether each address is that of several processes, which take turns, as gunicorn's workers do.</param>
public sealed record NginxMembers(IReadOnlyList<string> Addresses, bool AreShared = false);

/// <summary>A site on a server.</summary>
/// <param name="Text">Its configuration.</param>
/// <param name="Files">The files that it refers to, below its folder.</param>
public sealed record PublishedNginxSite(string Text, IReadOnlyList<PublishedNginxFile> Files);

/// <summary>A file that a published configuration refers to.</summary>
/// <param name="Path">Its path below the folder of the configuration, with forward slashes.</param>
/// <param name="Content">Its bytes.</param>
public sealed record PublishedNginxFile(string Path, byte[] Content);
