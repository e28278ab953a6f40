using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting;

/// <content>Routes.</content>
public static partial class NginxBuilderExtensions
{
    /// <summary>Adds routes, in the words of YARP's integration; <see cref="NginxConfigurationBuilder"/> says which one wins.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Adds the routes to those that nginx has already.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A route is malformed, or two are for the same requests.</exception>
    /// <example>
    /// <code>
    /// nginx.WithConfiguration(routes =>
    /// {
    ///     routes.AddRoute(frontend);
    ///     routes.AddRoute("/api/{**catch-all}", api).WithMatchHosts("a.example", "*.b.example").WithTransformPathRemovePrefix("/api");
    ///     routes.AddRedirect("/old", "/new", permanent: true);
    ///     routes.AddResponse("/ping", 200, "pong");
    /// });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithConfiguration(
        this IResourceBuilder<NginxResource> builder, Action<NginxConfigurationBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return AddRoutes(builder, nameof(NginxConfigurationBuilder.AddRoute), configure);
    }

    /// <summary>Passes a path, and everything below it, to a resource, and balances the requests over its healthy instances.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">
    /// The path as in a URL, such as <c>/api</c> or <c>/caf%C3%A9</c>, or <c>/</c> for all without another route. The resource sees it
    /// unchanged.
    /// </param>
    /// <param name="resource">The resource with all its replicas, or a group of resources.</param>
    /// <param name="endpointName">The name of its endpoint. Default: <c>http</c>, else the first HTTP or HTTPS endpoint.</param>
    /// <param name="configure">Returns changed settings of this path; <see cref="NginxRouteOptions"/> has the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The path is malformed or taken.</exception>
    /// <example>
    /// <code>
    /// nginx.WithReverseProxy("/", frontend)
    ///     .WithReverseProxy("/api", api)
    ///     .WithReverseProxy("/upload", api, configure: route => route with { RequestBuffering = false });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithReverseProxy(
        this IResourceBuilder<NginxResource> builder,
        string path,
        IResourceBuilder<IResourceWithEndpoints> resource,
        [EndpointName] string? endpointName = null,
        Func<NginxRouteOptions, NginxRouteOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(resource);
        return AddRoutes(builder, nameof(WithReverseProxy), routes =>
        {
            var route = endpointName is null
                ? routes.AddRoute(path, resource)
                : routes.AddRoute(path, new EndpointReference(resource.Resource, endpointName));
            route.WithOptions(configure ?? (static options => options));
        });
    }

    /// <summary>Passes a path, and everything below it, to several resources, which get requests in turn.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">The path, such as <c>/api</c>. The resources see it unchanged.</param>
    /// <param name="resources">The resources, each with all its replicas. Their endpoints speak one protocol.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">There are no resources.</exception>
    /// <exception cref="DistributedApplicationException">The path is malformed or taken.</exception>
    /// <example>
    /// <code>
    /// nginx.WithReverseProxy("/", [app1, app2, app3]);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithReverseProxy(
        this IResourceBuilder<NginxResource> builder,
        string path,
        IReadOnlyCollection<IResourceBuilder<IResourceWithEndpoints>> resources)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(resources);
        var name = string.Join('-', resources.Select(static resource => resource.Resource.Name));
        return AddRoutes(builder, nameof(WithReverseProxy), routes =>
            routes.AddRoute(path, routes.AddCluster(name.Length > 0 ? name : nameof(resources), [.. resources])));
    }

    /// <summary>Passes a path, and everything below it, to a service outside the application, with its own name in <c>Host</c>.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">The path, such as <c>/geo</c>. The service sees it unchanged.</param>
    /// <param name="service">The service. Where its URL is https, its certificate is verified.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The path is malformed or taken.</exception>
    /// <example>
    /// <code>
    /// nginx.WithReverseProxy("/geo", builder.AddExternalService("geo", "https://geo.example.com"));
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithReverseProxy(
        this IResourceBuilder<NginxResource> builder,
        string path,
        IResourceBuilder<ExternalServiceResource> service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(service);
        return AddRoutes(builder, nameof(WithReverseProxy), routes => routes.AddRoute(path, service));
    }

    /// <summary>
    /// Adds nginx directives to the <c>location</c> of a path, as <see cref="NginxRouteBuilder.WithLocationSnippet"/> does for a route.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">The path of routes that are there already.</param>
    /// <param name="directives">Directives in nginx's language, each with its semicolon or block.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">No route has the path, or a directive is refused.</exception>
    /// <example>
    /// <code>
    /// nginx.WithReverseProxy("/reports", reports).WithLocationSnippet("/reports", "proxy_read_timeout 10m;");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithLocationSnippet(
        this IResourceBuilder<NginxResource> builder, string path, string directives)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(directives);
        ChangeRoutes(builder, nameof(WithLocationSnippet), path, target: null, route => route.WithSnippet(directives));
        return builder;
    }

    private static IResourceBuilder<NginxResource> AddRoutes(
        IResourceBuilder<NginxResource> builder, string option, Action<NginxConfigurationBuilder> configure)
    {
        var routes = new NginxConfigurationBuilder(option);
        configure(routes);
        Change(builder, configuration => configuration with
        {
            Routes = configuration.Routes.AddRange(routes.Routes.Select(static route => route.Route)),
        });
        foreach (var route in routes.Routes)
        {
            AddTarget(builder, route.Sources, route.External);
        }

        return builder;
    }

    /// <summary>Lets nginx follow the members of a target.</summary>
    private static void AddTarget(
        IResourceBuilder<NginxResource> builder, ImmutableArray<UpstreamSource> sources, ExternalSource? external)
    {
        var options = Options(builder);
        foreach (var source in sources.Where(source => !options.Sources.Contains(source)))
        {
            options.Sources = options.Sources.Add(source);
            Relate(builder, source.Resource);
        }

        if (external is not null && !options.Externals.Contains(external))
        {
            options.Externals = options.Externals.Add(external);
            Relate(builder, external.Resource);
        }
    }

    private static void Relate(IResourceBuilder<NginxResource> builder, IResource resource)
    {
        if (!builder.Resource.Annotations
            .OfType<ResourceRelationshipAnnotation>()
            .Any(relation => relation.Resource == resource && relation.Type == "Reference"))
        {
            builder.WithReferenceRelationship(resource);
        }
    }
}
