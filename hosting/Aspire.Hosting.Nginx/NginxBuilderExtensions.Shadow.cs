using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting;

/// <content>Shadows.</content>
public static partial class NginxBuilderExtensions
{
    /// <summary>
    /// Sends a copy of a route's requests to another target too (<c>mirror</c>), and compares the answers: their status, their length where
    /// both say it in <c>Content-Length</c>, and how long the headers took. Clients get the route's own answers, and do not wait for the
    /// shadow. Differences are counted in the metric <c>nginx.shadow.requests</c> and logged. It has no effect when the application is
    /// published.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">The path of routes that are there already. Their requests must be buffered.</param>
    /// <param name="target">
    /// The resource with all its replicas, or a group of resources. It must not share data with the route's own.
    /// </param>
    /// <param name="configure">Returns changed settings; <see cref="NginxShadowOptions"/> has units, defaults and ranges.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">
    /// No route has the path, its requests are not buffered, or a setting is out of its range.
    /// </exception>
    /// <example>
    /// <code>
    /// nginx.WithReverseProxy("/", flask).WithShadow("/", api, shadow => shadow with { Percent = 10 });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithShadow(
        this IResourceBuilder<NginxResource> builder,
        string path,
        IResourceBuilder<IResourceWithEndpoints> target,
        Func<NginxShadowOptions, NginxShadowOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(target);

        if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return builder;
        }

        var source = new UpstreamSource(target.Resource, EndpointName: null);
        var shadow = new NginxShadow(source.Name, configure?.Invoke(new()) ?? new());
        ChangeRoutes(builder, nameof(WithShadow), path, source.Name, route => route with { Shadow = shadow });
        AddTarget(builder, [source], external: null);
        return builder;
    }
}
