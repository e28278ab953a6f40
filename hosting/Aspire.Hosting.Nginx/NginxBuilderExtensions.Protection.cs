using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <content>Headers, compression, limits and logs.</content>
public static partial class NginxBuilderExtensions
{
    /// <summary>
    /// Adds headers that protect visitors to every response, errors included: <c>X-Content-Type-Options: nosniff</c> and those of
    /// <see cref="NginxSecurityHeaders"/>. A header that a resource sends itself stays as it is.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns changed headers; <see cref="NginxSecurityHeaders"/> has the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A value cannot be a header.</exception>
    /// <example>
    /// <code>
    /// nginx.WithSecurityHeaders(headers => headers with { ContentSecurityPolicy = "default-src 'self'" });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithSecurityHeaders(
        this IResourceBuilder<NginxResource> builder, Func<NginxSecurityHeaders, NginxSecurityHeaders>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var headers = configure?.Invoke(new()) ?? new();
        return Change(builder, configuration => configuration with { SecurityHeaders = headers });
    }

    /// <summary>
    /// Compresses texts with gzip, of resources and of files. Event streams and NDJSON are never compressed, so that each part arrives at
    /// once; a stream of another type, such as JSON, needs a route with <c>ResponseBuffering = false</c>.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns changed options; <see cref="NginxCompression"/> has units, defaults and ranges.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">An option is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithCompression();
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithCompression(
        this IResourceBuilder<NginxResource> builder, Func<NginxCompression, NginxCompression>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var compression = configure?.Invoke(new()) ?? new();
        return Change(builder, configuration => configuration with { Compression = compression });
    }

    /// <summary>
    /// Limits the requests per second of one client address: <see cref="NginxRequestLimits.RequestsPerSecond"/> and
    /// <see cref="NginxRequestLimits.Burst"/>. nginx answers more with 429 and <c>Retry-After</c>; each nginx counts for itself.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="requestsPerSecond">Requests per second, 1 to 1,000,000.</param>
    /// <param name="burst">Requests at once beyond them, 0 to 1,000,000. Default 0.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A number is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithRateLimit(requestsPerSecond: 100, burst: 200);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithRateLimit(
        this IResourceBuilder<NginxResource> builder, int requestsPerSecond, int burst = 0) =>
        builder.WithRequestLimits(limits => limits with { RequestsPerSecond = requestsPerSecond, Burst = burst });

    /// <summary>
    /// Sets the largest request body: <see cref="NginxRequestLimits.MaxBodySize"/>. The default, 2 MiB, is less than Kestrel's 30 MB,
    /// because bodies wait in temporary files of nginx, whose sum it bounds.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="bytes">Bytes, 1 to 1 TiB.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The number is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithMaxRequestBodySize(30_000_000);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithMaxRequestBodySize(this IResourceBuilder<NginxResource> builder, long bytes) =>
        builder.WithRequestLimits(limits => limits with { MaxBodySize = bytes });

    /// <summary>
    /// Writes a line for each request to nginx's console, except for its health checks: client, time, method, path without the query,
    /// status, bytes, seconds, member. On a server the distribution's nginx has an access log of its own.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <returns>The same builder.</returns>
    /// <example>
    /// <code>
    /// nginx.WithAccessLog();
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithAccessLog(this IResourceBuilder<NginxResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Change(builder, configuration => configuration with { AccessLog = true });
    }

    /// <summary>
    /// Keeps responses to <c>GET</c> for as long as their <c>Cache-Control</c>, <c>Expires</c> and <c>Vary</c> allow, and none that says
    /// nothing or sets a cookie, or that was asked for with <c>Authorization</c>. <c>X-Cache</c> says whether nginx had it (<c>HIT</c>).
    /// The command <c>purge-cache</c> drops all.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns changed options; <see cref="NginxCacheOptions"/> has units, defaults and ranges.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">An option is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithCache(cache => cache with { MaxSize = 256 * 1024 * 1024 });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithCache(
        this IResourceBuilder<NginxResource> builder, Func<NginxCacheOptions, NginxCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var isNew = Options(builder).Configuration.Cache is null;
        var cache = configure?.Invoke(new()) ?? new();
        Change(builder, configuration => configuration with { Cache = cache });
        return isNew && builder.ApplicationBuilder.ExecutionContext.IsRunMode && !OperatingSystem.IsWindows()
            ? AddPurgeCommand(builder)
            : builder;
    }

    /// <summary>
    /// Asks clients for a user name and a password (<c>auth_basic</c>), for everything but nginx's health check and
    /// <see cref="WithAcmeChallenge"/>. Use it with https. Resources do not see <c>Authorization</c> then. In Kubernetes and on a server
    /// it is an error.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="user">The name, of printable ASCII without a colon.</param>
    /// <param name="password">The password: a secret parameter.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The name is malformed, or the parameter is no secret.</exception>
    /// <example>
    /// <code>
    /// nginx.WithBasicAuth("editor", builder.AddParameter("editor-password", secret: true));
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithBasicAuth(
        this IResourceBuilder<NginxResource> builder, string user, IResourceBuilder<ParameterResource> password)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(password);
        return Change(builder, configuration => configuration with { BasicAuth = new(user, password.Resource) });
    }

    [UnsupportedOSPlatform("windows")]
    private static IResourceBuilder<NginxResource> AddPurgeCommand(IResourceBuilder<NginxResource> builder) => builder.WithNginxCommand(
        "purge-cache",
        "Purge cache",
        "Drop all responses that nginx keeps.",
        "Broom",
        static (lifecycle, cancellationToken) => lifecycle.PurgeCacheAsync(cancellationToken));
}
