using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting;

/// <summary>The routes of an nginx, in the words of YARP's integration.</summary>
/// <remarks>
/// nginx looks at the host first, then at the path, where the longest wins, and last at the method. The order in which routes are added has
/// no meaning. A host that no route names is for the routes without hosts, or gets 421 where all routes have hosts; a method that no route
/// of the path takes gets 405. Headers and query parameters decide between the routes of one path.
/// </remarks>
public sealed class NginxConfigurationBuilder
{
    private const string CatchAll = "/";
    private readonly List<NginxRouteBuilder> _routes = [];
    private readonly HashSet<string> _clusters = new(StringComparer.Ordinal);

    internal NginxConfigurationBuilder(string option) => Option = option;

    internal string Option { get; }

    internal IReadOnlyList<NginxRouteBuilder> Routes => _routes;

    /// <summary>Passes a path, and everything below it, to a resource.</summary>
    /// <param name="path">
    /// The path as in a URL: <c>/api</c>, or <c>/api/{**catch-all}</c>, which is the same. The resource sees it unchanged.
    /// </param>
    /// <param name="target">The resource with all its replicas, or a group of resources.</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddRoute(string path, IResourceBuilder<IResourceWithEndpoints> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Add(path, new UpstreamSource(target.Resource, EndpointName: null));
    }

    /// <summary>Passes a path, and everything below it, to one endpoint of a resource.</summary>
    /// <param name="path">The path as in a URL: <c>/api</c>, or <c>/api/{**catch-all}</c>, which is the same.</param>
    /// <param name="target">The endpoint.</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddRoute(string path, EndpointReference target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Add(path, new UpstreamSource(target.Resource, target.EndpointName));
    }

    /// <summary>Passes a path, and everything below it, to a service outside the application, with its own name in <c>Host</c>.</summary>
    /// <param name="path">The path as in a URL: <c>/api</c>, or <c>/api/{**catch-all}</c>, which is the same.</param>
    /// <param name="target">The service. Where its URL is https, its certificate is verified.</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddRoute(string path, IResourceBuilder<ExternalServiceResource> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Add(path, new ExternalSource(target.Resource));
    }

    /// <summary>
    /// Makes one target of several resources, which get requests in turn: containers have no replicas in Aspire, and some services are
    /// several resources.
    /// </summary>
    /// <param name="name">The name of the upstream: letters, digits and <c>-</c>.</param>
    /// <param name="targets">The resources, each with all its replicas. Their endpoints speak one protocol.</param>
    /// <returns>The cluster, for <see cref="AddRoute(string, NginxCluster)"/>.</returns>
    /// <exception cref="ArgumentException">The name is malformed or taken, or there are no resources.</exception>
    public NginxCluster AddCluster(string name, params IResourceBuilder<IResourceWithEndpoints>[] targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return AddCluster(name, [.. targets.Select(static target => new UpstreamSource(target.Resource, EndpointName: null))]);
    }

    /// <summary>Makes one target of several endpoints.</summary>
    /// <param name="name">The name of the upstream: letters, digits and <c>-</c>.</param>
    /// <param name="targets">The endpoints, which speak one protocol.</param>
    /// <returns>The cluster, for <see cref="AddRoute(string, NginxCluster)"/>.</returns>
    /// <exception cref="ArgumentException">The name is malformed or taken, or there are no endpoints.</exception>
    public NginxCluster AddCluster(string name, params EndpointReference[] targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return AddCluster(name, [.. targets.Select(static target => new UpstreamSource(target.Resource, target.EndpointName))]);
    }

    /// <summary>Passes a path, and everything below it, to a cluster.</summary>
    /// <param name="path">The path as in a URL: <c>/api</c>, or <c>/api/{**catch-all}</c>, which is the same.</param>
    /// <param name="target">The cluster.</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddRoute(string path, NginxCluster target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Add(new NginxRoute(PathOf(path), target.Name) { Option = Option }, [.. target.Sources]);
    }

    /// <summary>Passes all that has no other route to a cluster.</summary>
    /// <param name="target">The cluster.</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddRoute(NginxCluster target) => AddRoute(CatchAll, target);

    /// <summary>Passes all that has no other route to a resource.</summary>
    /// <param name="target">The resource with all its replicas, or a group of resources.</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddRoute(IResourceBuilder<IResourceWithEndpoints> target) => AddRoute(CatchAll, target);

    /// <summary>Passes all that has no other route to one endpoint of a resource.</summary>
    /// <param name="target">The endpoint.</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddRoute(EndpointReference target) => AddRoute(CatchAll, target);

    /// <summary>Passes all that has no other route to a service outside the application.</summary>
    /// <param name="target">The service.</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddRoute(IResourceBuilder<ExternalServiceResource> target) => AddRoute(CatchAll, target);

    /// <summary>
    /// Redirects a path, and everything below it: what is below it, and the query, are added to the target. Method and body stay the same
    /// (<c>return 307</c> or <c>308</c>).
    /// </summary>
    /// <param name="from">The path as in a URL: <c>/old</c>, or <c>/old/{**catch-all}</c>, which is the same.</param>
    /// <param name="to">A path such as <c>/new</c>, or a URL such as <c>https://www.example.com</c>, without a query.</param>
    /// <param name="permanent">Whether clients may remember it (308). Default: they ask again (307).</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddRedirect(string from, string to, bool permanent = false)
    {
        ArgumentNullException.ThrowIfNull(to);
        return Add(new NginxRoute(PathOf(from), null) { Option = nameof(AddRedirect), Redirect = new(to, permanent) });
    }

    /// <summary>Answers a path, and everything below it, with a fixed response (<c>return</c>).</summary>
    /// <param name="path">The path as in a URL: <c>/ping</c>, or <c>/ping/{**catch-all}</c>, which is the same.</param>
    /// <param name="status">The status code: 200 to 599 except 499.</param>
    /// <param name="body">The body, up to 4,000 bytes. Default: none, or the error page of the status.</param>
    /// <param name="contentType">The content type of the body. Default: <c>text/plain</c>.</param>
    /// <returns>The route.</returns>
    public NginxRouteBuilder AddResponse(string path, int status, string? body = null, string contentType = "text/plain")
    {
        ArgumentNullException.ThrowIfNull(contentType);
        return Add(new NginxRoute(PathOf(path), null) { Option = nameof(AddResponse), Response = new(status, body, contentType) });
    }

    private NginxRouteBuilder Add(string path, UpstreamSource source) =>
        Add(new NginxRoute(PathOf(path), source.Name) { Option = Option }, [source]);

    private NginxRouteBuilder Add(string path, ExternalSource external) =>
        Add(new NginxRoute(PathOf(path), external.Name) { Option = Option }, external: external);

    private NginxCluster AddCluster(string name, UpstreamSource[] sources)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!name.All(static character => char.IsAsciiLetterOrDigit(character) || character == '-'))
        {
            throw new ArgumentException($"AddCluster: \"{name}\" is no name of a cluster; use letters, digits and '-'.", nameof(name));
        }

        if (!_clusters.Add(name))
        {
            throw new ArgumentException($"AddCluster: there is a cluster '{name}' already; give this one another name.", nameof(name));
        }

        return sources.Length > 0
            ? new(name, [.. sources.Select(source => source with { Cluster = name })])
            : throw new ArgumentException($"AddCluster: '{name}' has no resources; name at least one.", nameof(sources));
    }

    private NginxRouteBuilder Add(NginxRoute route, ImmutableArray<UpstreamSource>? sources = null, ExternalSource? external = null)
    {
        var builder = new NginxRouteBuilder(route) { Sources = sources ?? [], External = external };
        _routes.Add(builder);
        return builder;
    }

    /// <summary>The path without the part that stands for everything below it.</summary>
    internal static string PathOf(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var start = pattern.IndexOf("/{**", StringComparison.Ordinal);
        var isCatchAll = start >= 0 && pattern.IndexOf('}', start) == pattern.Length - 1 && pattern.IndexOf('{') == start + 1;
        return isCatchAll ? pattern[..Math.Max(start, 1)] : pattern;
    }
}

/// <summary>Several resources that are one target.</summary>
public sealed class NginxCluster
{
    internal NginxCluster(string name, ImmutableArray<UpstreamSource> sources) => (Name, Sources) = (name, sources);

    /// <summary>The name of the upstream.</summary>
    public string Name { get; }

    internal ImmutableArray<UpstreamSource> Sources { get; }
}

/// <summary>One route: the requests that it is for, and what the resource sees of them.</summary>
public sealed class NginxRouteBuilder
{
    internal NginxRouteBuilder(NginxRoute route) => Route = route;

    internal NginxRoute Route { get; private set; }

    internal ImmutableArray<UpstreamSource> Sources { get; init; } = [];

    internal ExternalSource? External { get; init; }

    /// <summary>
    /// Takes only requests for these hosts (<c>server_name</c>). Where several patterns match a host, the closest wins: the host itself,
    /// then the longest pattern, then a route without hosts.
    /// </summary>
    /// <param name="hosts">Host names without scheme or port: <c>a.example</c>, or <c>*.b.example</c> for all below it.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithMatchHosts(params string[] hosts)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        var names = hosts.Select(static host => host.ToLowerInvariant());
        return Change(route => route with { Hosts = [.. route.Hosts.Concat(names).Distinct(StringComparer.Ordinal)] });
    }

    /// <summary>
    /// Takes only requests with these methods; <c>GET</c> includes <c>HEAD</c>. The rest of the path's requests go to another route of the
    /// same path, or get 405: they do not fall through to a shorter path.
    /// </summary>
    /// <param name="methods">Methods in capital letters, such as <c>GET</c>.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithMatchMethods(params string[] methods)
    {
        ArgumentNullException.ThrowIfNull(methods);
        return Change(route => route with { Methods = [.. route.Methods.Concat(methods).Distinct(StringComparer.Ordinal)] });
    }

    /// <summary>
    /// Takes only requests with a header of one of these values, in upper or lower case. Of several routes of one path, those with more
    /// such conditions are tried first, and of equal ones the one that was added first; what none of the path takes gets 404.
    /// </summary>
    /// <param name="name">The name: up to 40 letters, digits and <c>-</c>.</param>
    /// <param name="values">The values, each up to 200 characters; none for any value.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithMatchHeaders(string name, params string[] values)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        return Change(route => route with { Headers = route.Headers.Add(new(name, [.. values])) });
    }

    /// <summary>Takes only requests with a query parameter of one of these values, as <see cref="WithMatchHeaders"/> does.</summary>
    /// <param name="name">The name: up to 40 letters, digits and <c>_</c>.</param>
    /// <param name="values">The values before they are escaped, each up to 200 characters; none for any value.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithMatchRouteQueryParameter(string name, params string[] values)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        return Change(route => route with { QueryParameters = route.QueryParameters.Add(new(name, [.. values])) });
    }

    /// <summary>
    /// Adds nginx directives to the <c>location</c> of the route, for timeouts, buffers or access rules. Directives that would take the
    /// place of what other options set there, such as <c>add_header</c>, are refused with the option to use.
    /// </summary>
    /// <param name="directives">Directives in nginx's language, each with its semicolon or block.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithLocationSnippet(string directives)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directives);
        return Change(route => route.WithSnippet(directives));
    }

    /// <summary>
    /// Removes the beginning of the path, which the resource gets as <c>X-Forwarded-Prefix</c>. The rest stays as the client wrote it. A
    /// path with <c>.</c> or <c>..</c> in it gets 400, and private paths below the prefix are private too.
    /// </summary>
    /// <param name="prefix">The beginning of the route's path, such as <c>/api</c>.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithTransformPathRemovePrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return Change(route => route with { RemovedPrefix = prefix.Length > 1 ? prefix.TrimEnd('/') : prefix });
    }

    /// <summary>Puts a prefix before the path that the resource sees, after <see cref="WithTransformPathRemovePrefix"/>.</summary>
    /// <param name="prefix">The prefix, such as <c>/v2</c>.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithTransformPathPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return Change(route => route with { AddedPrefix = prefix.TrimEnd('/') });
    }

    /// <summary>Sets a header of requests (<c>proxy_set_header</c>), in place of the client's.</summary>
    /// <param name="name">The name: up to 40 letters, digits and <c>-</c>. Headers that nginx sets itself are refused.</param>
    /// <param name="value">The value; empty to remove the header.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithTransformRequestHeader(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        return Change(route => route with
        {
            RequestHeaders = [.. route.RequestHeaders.Where(header => !Has(header, name)), new(name, value)],
        });
    }

    /// <summary>Sets a header of responses (<c>add_header … always</c>), errors included, in place of the resource's.</summary>
    /// <param name="name">
    /// The name: up to 40 letters, digits and <c>-</c>. Headers that nginx sets itself, and <c>Set-Cookie</c>, are refused.
    /// </param>
    /// <param name="value">The value; empty to remove the header.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithTransformResponseHeader(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        return Change(route => route with
        {
            ResponseHeaders = [.. route.ResponseHeaders.Where(header => !Has(header, name)), new(name, value)],
        });
    }

    /// <summary>
    /// Sends the client's <c>Host</c> to a service outside the application, which gets its own host name without this. Resources get the
    /// client's anyway, except in a container where an ingress finds them by name.
    /// </summary>
    /// <param name="useOriginal">Whether it is the client's. Default: true.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithTransformUseOriginalHostHeader(bool useOriginal = true) =>
        Change(route => route with { HasOriginalHost = useOriginal });

    /// <summary>Sets how requests and responses are passed on.</summary>
    /// <param name="configure">Returns changed settings; <see cref="NginxRouteOptions"/> has the defaults.</param>
    /// <returns>The same route.</returns>
    public NginxRouteBuilder WithOptions(Func<NginxRouteOptions, NginxRouteOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Change(route => route with { Options = configure(route.Options) });
    }

    private static bool Has(NginxHeader header, string name) => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private NginxRouteBuilder Change(Func<NginxRoute, NginxRoute> change)
    {
        Route = change(Route);
        return this;
    }
}
