using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Everything the AppHost asked of one nginx. The members of upstreams, which change at run time, are given beside it.</summary>
internal sealed record NginxConfiguration
{
    /// <summary>nginx's own paths are below it; no route or folder can have one of them.</summary>
    public const string OwnPath = "/-/nginx/";

    /// <summary>The health check of nginx itself.</summary>
    public const string HealthPath = $"{OwnPath}health";

    /// <summary>Error pages are below it, for internal redirects only.</summary>
    public const string ErrorPagesPath = $"{OwnPath}errors/";

    /// <summary>Problem details of nginx's own errors, for internal redirects only.</summary>
    public const string ProblemPath = $"{OwnPath}problem";

    /// <summary>What the service defaults tell about an instance: not for clients.</summary>
    public static readonly ImmutableArray<string> UsualPrivatePaths = ["/health", "/alive", "/openapi"];

    /// <summary>Null until the port is known.</summary>
    public NginxListen? Listen { get; init; }

    /// <summary>What the AppHost asked of TLS; null where it asked nothing.</summary>
    public NginxTlsOptions? TlsOptions { get; init; }

    /// <summary>Where nginx accepts TLS, and with which certificate; null for nowhere.</summary>
    public NginxTls? Tls { get; init; }

    /// <summary>The status with which http is redirected to https, or null.</summary>
    public int? HttpsRedirect { get; init; }

    /// <summary>The absolute path of the folder with the proofs for a certificate's authority, or null.</summary>
    public string? AcmeFolder { get; init; }

    /// <summary>Whether clients may use HTTP/2 over TLS.</summary>
    public bool HasHttp2 => Tls is not null && (TlsOptions?.Http2 ?? true);

    public NginxWorkers Workers { get; init; } = new();

    /// <summary>The limit of open files per worker, or null to leave it as it is.</summary>
    public int? OpenFilesLimit { get; init; }

    /// <summary>Host names to answer for; empty answers for all.</summary>
    public ImmutableArray<string> ServerNames { get; init; } = [];

    public ImmutableArray<NginxRoute> Routes { get; init; } = [];

    /// <summary>Whether requests are passed to an upstream.</summary>
    public bool IsProxy => Routes.Any(static route => route.Upstream is not null);

    public ImmutableArray<NginxStaticFiles> StaticFiles { get; init; } = [];

    /// <summary>Paths that are 404 for clients, with all below them.</summary>
    public ImmutableArray<string> PrivatePaths { get; init; } = UsualPrivatePaths;

    /// <summary>The addresses, as CIDR, of proxies in front that are trusted to say who the client is.</summary>
    public ImmutableArray<string> TrustedProxies { get; init; } = [];

    public ImmutableArray<NginxErrorPage> ErrorPages { get; init; } = [];

    /// <summary>Whether nginx answers its own errors with problem details (RFC 9457).</summary>
    public bool ProblemDetails { get; init; }

    public NginxCorsOptions? Cors { get; init; }

    public NginxSecurityHeaders? SecurityHeaders { get; init; }

    public NginxCompression? Compression { get; init; }

    public NginxCacheOptions? Cache { get; init; }

    /// <summary>Who may come in; null for everybody.</summary>
    public NginxBasicAuth? BasicAuth { get; init; }

    /// <summary>Whether the console shows each request.</summary>
    public bool AccessLog { get; init; }

    /// <summary>Whether clients get 503 for everything.</summary>
    public bool IsInMaintenance { get; init; }

    /// <summary>Whether another <c>nginx.conf</c> includes it.</summary>
    public bool IsSite { get; init; }

    public NginxRequestLimits Limits { get; init; } = new();

    public NginxTimeouts Timeouts { get; init; } = new();

    public NginxUpstreamSettings Upstream { get; init; } = new();

    /// <summary>How a client stays with its member; null where it does not.</summary>
    public NginxStickySessions? Sticky { get; init; }

    public NginxTelemetry Telemetry { get; init; } = new();

    /// <summary>The receiver of the access log; null for none, and then nginx has no part in traces.</summary>
    public NginxLogServer? LogServer { get; init; }

    /// <summary>The CA file that certificates of services outside the application are verified with; null verifies none.</summary>
    public string? CertificateAuthorities { get; init; }

    /// <summary>Whether it is for a container, whose entry point starts nginx and puts environment variables into the file.</summary>
    public bool IsContainer { get; init; }

    /// <summary>
    /// Whether an engine runs it here in a container: it knows clients by the engine's address, from which this machine comes too.
    /// </summary>
    public bool IsInEngine { get; init; }

    /// <summary>Whether its health check answers everybody: it does not see who asks from this machine.</summary>
    public bool IsHealthPublic => IsContainer || IsInEngine;

    /// <summary>Whether the address of an upstream stands for several members that nginx does not see, as a Service does.</summary>
    public bool HasHiddenMembers { get; init; }

    /// <summary>Whether nginx can serve files that were compressed before.</summary>
    public bool HasGzipStatic { get; init; } = true;

    /// <summary>The version of nginx that will read it; null for the oldest that is supported.</summary>
    public Version? Version { get; init; }

    public ImmutableArray<NginxSnippet> Snippets { get; init; } = [];
}

/// <summary>Where nginx accepts connections.</summary>
/// <param name="Port">The TCP port, 1 to 65,535.</param>
/// <param name="Addresses">IP addresses as nginx writes them, IPv6 in brackets; <c>*</c> for all IPv4 ones.</param>
internal sealed record NginxListen(int Port, ImmutableArray<string> Addresses)
{
    /// <summary>
    /// Whether another nginx of this user may listen there too (<c>reuseport</c>), which the successor of a killed one does.
    /// </summary>
    public bool IsShared { get; init; }
}

/// <summary>Where nginx accepts TLS, and with which certificate.</summary>
/// <param name="Listen">The port and the addresses.</param>
/// <param name="CertificateFile">The absolute path of the certificate, as PEM.</param>
/// <param name="KeyFile">The absolute path of its key, as PEM.</param>
internal sealed record NginxTls(NginxListen Listen, string CertificateFile, string KeyFile)
{
    /// <summary>The port that clients use.</summary>
    public int PublicPort { get; init; } = Listen.Port;
}

/// <summary>The one who may come in.</summary>
/// <param name="User">The name.</param>
/// <param name="Password">The password.</param>
internal sealed record NginxBasicAuth(string User, ParameterResource Password);

/// <summary>A folder nginx serves by itself.</summary>
/// <param name="Path">The request path under which its files appear.</param>
/// <param name="Folder">The absolute path of the folder.</param>
internal sealed record NginxStaticFiles(string Path, string Folder)
{
    /// <summary>The folders in it, with forward slashes, whose files never change.</summary>
    public ImmutableArray<string> ImmutableFolders { get; init; } = [];

    /// <summary>Whether some of its files are compressed with brotli beside themselves, as <c>app.js.br</c>.</summary>
    public bool HasBrotli { get; init; }

    /// <summary>The resource from whose image the files come, when publishing; null where they are those of the folder.</summary>
    public IResourceWithContainerFiles? Source { get; init; }

    /// <summary>The file in it for paths that have none, or null.</summary>
    public string? Fallback { get; init; }
}

/// <summary>A page for errors that nginx itself produces.</summary>
/// <param name="File">The absolute path of the file.</param>
/// <param name="Codes">The status codes it is shown for, which stay the status of the response.</param>
internal sealed record NginxErrorPage(string File, ImmutableArray<int> Codes)
{
    /// <summary>The extension that decides its content type: the file's own where it is text of another kind, else html.</summary>
    public string Extension => Path.GetExtension(File).ToLowerInvariant() switch
    {
        ".json" => "json",
        ".txt" => "txt",
        ".xml" => "xml",
        _ => "html",
    };
}

/// <summary>Directives a user adds: a text of its own, or a folder whose <c>*.conf</c> files are included.</summary>
/// <param name="Context">Where it goes.</param>
/// <param name="Text">The directives, or null for a folder.</param>
/// <param name="Folder">The absolute path of the folder, or null for a text.</param>
internal sealed record NginxSnippet(NginxSnippetContext Context, string? Text, string? Folder);

/// <summary>Where nginx sends its access log.</summary>
/// <param name="Address">The address as <c>syslog:server=</c> writes it: <c>host:port</c>.</param>
/// <param name="Tag">What each message is marked with: letters and digits, at most 32.</param>
internal sealed record NginxLogServer(string Address, string Tag);

/// <summary>An upstream with the members it has at one moment.</summary>
/// <param name="Name">The name routes refer to.</param>
/// <param name="Scheme">http or https.</param>
/// <param name="Members">Addresses as nginx writes them: <c>unix:/path</c> or <c>host:port</c>. Empty when none can answer.</param>
internal sealed record NginxUpstream(string Name, string Scheme, ImmutableArray<string> Members)
{
    /// <summary>Whether the members speak HTTP/2, without TLS too.</summary>
    public bool IsHttp2 { get; init; }

    /// <summary>Whether each address is that of several processes, which take turns, as gunicorn's workers do.</summary>
    public bool IsShared { get; init; }

    /// <summary>The host name that members are asked for; null passes on the one that the client asked for.</summary>
    public string? Host { get; init; }
}

/// <summary>What the AppHost has asked of an nginx so far.</summary>
internal sealed class NginxAnnotation : IResourceAnnotation
{
    /// <summary>The port given in code, or null for any; a container has one of its own instead.</summary>
    public int? Port { get; set; }

    /// <summary>The https port given in code, or null for any.</summary>
    public int? HttpsPort { get; set; }

    public NginxConfiguration Configuration { get; set; } = new();

    public ImmutableArray<UpstreamSource> Sources { get; set; } = [];

    /// <summary>The services outside the application behind it.</summary>
    public ImmutableArray<ExternalSource> Externals { get; set; } = [];

    /// <summary>The absolute path of the binary given in code, or null to look for one.</summary>
    public string? BinaryPath { get; set; }

    public NginxMode Mode { get; set; }

    /// <summary>Changes the container in which nginx runs; null changes nothing.</summary>
    public Action<IResourceBuilder<NginxContainerResource>>? ConfigureContainer { get; set; }
}

/// <summary>What nginx runs as.</summary>
internal enum NginxMode
{
    /// <summary>A process where there is a binary or one can be fetched; else a container, if there is an engine for it.</summary>
    Auto,
    Process,
    Container,
}

/// <summary>A resource behind nginx, and which of its endpoints is meant.</summary>
/// <param name="Resource">The resource, or a group of resources.</param>
/// <param name="EndpointName">The endpoint, or null for the HTTP endpoint.</param>
internal sealed record UpstreamSource(IResourceWithEndpoints Resource, string? EndpointName)
{
    /// <summary>The name of the cluster that it is a part of, or null where it is an upstream by itself.</summary>
    public string? Cluster { get; init; }

    /// <summary>The name of its upstream.</summary>
    public string Name => Cluster ?? OwnName;

    /// <summary>Its name among all resources behind nginx.</summary>
    public string OwnName => EndpointName is null ? Resource.Name : $"{Resource.Name}_{EndpointName}";

    /// <exception cref="DistributedApplicationException">The resource has no such endpoint.</exception>
    public EndpointAnnotation ResolveEndpoint() => EndpointOf(Resource);

    /// <summary>Whether an endpoint speaks HTTP/2 only (<c>AsHttp2Service</c>).</summary>
    public static bool IsHttp2(EndpointAnnotation endpoint) => endpoint.Transport == "http2";

    /// <summary>
    /// The resources whose snapshots are the instances: the resource itself, or its children where it is a group, which has no endpoints
    /// or is not in the model.
    /// </summary>
    public ImmutableArray<IResourceWithEndpoints> InstancesIn(IEnumerable<IResource> model)
    {
        var isGroup = !HasEndpoints(Resource) || !model.Contains(Resource);
        ImmutableArray<IResourceWithEndpoints> children = isGroup ? [.. model.OfType<IResourceWithEndpoints>().Where(IsChild)] : [];
        return children.IsEmpty ? [Resource] : children;
    }

    /// <exception cref="DistributedApplicationException">The resource has no such endpoint.</exception>
    public EndpointAnnotation EndpointOf(IResource resource)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        var found = EndpointName is null
            ? DefaultOf(endpoints)
            : endpoints.FirstOrDefault(endpoint => string.Equals(endpoint.Name, EndpointName, StringComparison.OrdinalIgnoreCase));
        var problem = EndpointName is null
            ? "no HTTP endpoint; add WithHttpEndpoint() to it"
            : $"no endpoint '{EndpointName}'; it has {Names(endpoints)}";
        return found ?? throw new DistributedApplicationException($"WithReverseProxy: the resource '{resource.Name}' has {problem}.");
    }

    private static bool HasEndpoints(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>().Any();

    private bool IsChild(IResource resource) => HasEndpoints(resource) && ResourceParents.Of(resource).Contains(Resource);

    private static EndpointAnnotation? DefaultOf(EndpointAnnotation[] endpoints) =>
        endpoints.FirstOrDefault(static endpoint => endpoint.Name == "http")
        ?? endpoints.FirstOrDefault(static endpoint => endpoint.UriScheme == "http")
        ?? endpoints.FirstOrDefault(static endpoint => endpoint.UriScheme == "https");

    private static string Names(EndpointAnnotation[] endpoints) =>
        endpoints.Length == 0 ? "none" : string.Join(", ", endpoints.Select(static endpoint => $"'{endpoint.Name}'"));
}

/// <summary>A service outside the application that is behind nginx.</summary>
/// <param name="Resource">The service.</param>
internal sealed record ExternalSource(ExternalServiceResource Resource)
{
    /// <summary>The name of its upstream.</summary>
    public string Name => Resource.Name;

    /// <summary>The upstream with the service's host name, which nginx looks up.</summary>
    /// <exception cref="DistributedApplicationException">The URL is known only when the application runs.</exception>
    public NginxUpstream ToUpstream() => Resource.Uri is { } uri
        ? Upstream(uri, [Address(uri.IdnHost, uri.Port)])
        : throw new DistributedApplicationException(
            $"WithReverseProxy: the URL of '{Resource.Name}' is a parameter; to publish it behind nginx, give it in code.");

    /// <summary>
    /// The upstream with the addresses that the host name has now: nginx does not start with a name that it cannot look up.
    /// </summary>
    public async Task<NginxUpstream> ResolveAsync(CancellationToken cancellationToken)
    {
        var uri = Resource.Uri
            ?? new Uri(await Resource.UrlParameter!.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "", UriKind.Absolute);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(uri.IdnHost, cancellationToken).ConfigureAwait(false);
            return Upstream(uri, [.. addresses.Select(address => Address(address.ToString(), uri.Port))]);
        }
        catch (SocketException)
        {
            return Upstream(uri, []);
        }
    }

    private NginxUpstream Upstream(Uri uri, ImmutableArray<string> members) =>
        new(Name, uri.Scheme, members) { Host = uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}" };

    private static string Address(string host, int port) =>
        host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
}

/// <summary>What <c>Nginx:Mode</c> may be.</summary>
internal static class NginxModes
{
    public const string Key = "Nginx:Mode";

    /// <returns>The mode; null where none is given.</returns>
    /// <exception cref="DistributedApplicationException">It is no mode.</exception>
    public static NginxMode? Parse(string? value) => value?.ToLowerInvariant() switch
    {
        null or "" => null,
        "auto" => NginxMode.Auto,
        "process" => NginxMode.Process,
        "container" => NginxMode.Container,
        _ => throw new DistributedApplicationException($"{Key} is \"{value}\"; it must be auto, process or container."),
    };
}
