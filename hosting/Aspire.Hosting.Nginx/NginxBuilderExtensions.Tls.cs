using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Processes;

namespace Aspire.Hosting;

/// <content>HTTPS.</content>
public static partial class NginxBuilderExtensions
{
    /// <summary>Gives nginx an endpoint <c>https</c>, and the certificate for it where the application is deployed.</summary>
    /// <remarks>
    /// When the application runs, the certificate is that of <c>WithHttpsCertificate</c> or <c>WithHttpsDeveloperCertificate</c>, else the
    /// one given here, else the trusted developer certificate; with a trusted one there is an endpoint <c>https</c> without this method
    /// too, and <c>WithoutHttpsCertificate</c> takes it away. While there is none, nginx serves http and logs why. A server gets the paths
    /// of the files, Compose the parameters; behind an ingress TLS ends there.
    /// </remarks>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns changed options; <see cref="NginxTlsOptions"/> has defaults and ranges. Default: none
    /// changed.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">A certificate is given without its key, or an option is out of its
    /// range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithTls(tls => tls with
    /// {
    ///     CertificateFile = "/etc/letsencrypt/live/example.com/fullchain.pem",
    ///     KeyFile = "/etc/letsencrypt/live/example.com/privkey.pem",
    /// });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithTls(
        this IResourceBuilder<NginxResource> builder, Func<NginxTlsOptions, NginxTlsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        Change(builder, configuration =>
        {
            var options = configuration.TlsOptions ?? new();
            return configuration with { TlsOptions = configure?.Invoke(options) ?? options };
        });
        return builder.ApplicationBuilder.ExecutionContext.IsRunMode ? AddHttpsEndpoint(builder) : builder;
    }

    /// <summary>Sets the port of the endpoint <c>https</c>, and of https on a server (default 443) and in Compose.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="port">The TCP port, 1 to 65,535. Null or 0: any unused one when the application runs.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="port"/> is not from 0 to 65,535.</exception>
    /// <exception cref="DistributedApplicationException">It is nginx's port for http.</exception>
    /// <example>
    /// <code>
    /// nginx.WithHostHttpsPort(8443);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithHostHttpsPort(this IResourceBuilder<NginxResource> builder, int? port)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (port is < 0 or > 65_535)
        {
            throw new ArgumentOutOfRangeException(nameof(port), port, "The https port of nginx must be from 1 to 65535, or 0 for any.");
        }

        var options = Options(builder);
        var given = port is 0 ? null : port;
        if (given is not null && given == options.Port)
        {
            throw new DistributedApplicationException(
                $"WithHostHttpsPort: '{builder.Resource.Name}' has port {given} for http already; choose another.");
        }

        options.HttpsPort = given;
        return builder.WithEndpoint(NginxResource.HttpsEndpointName, endpoint => endpoint.Port = given, createIfNotExists: false);
    }

    /// <summary>
    /// Redirects requests that came over http to https: with 307, or 308, which keep method and body. nginx's health check and
    /// <see cref="WithAcmeChallenge"/> stay on http, and so does everything while nginx has no certificate.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="isPermanent">Whether clients may remember it (308). Default false: browsers keep 308 for localhost too.</param>
    /// <returns>The same builder.</returns>
    /// <example>
    /// <code>
    /// nginx.WithTls().WithHttpsRedirect();
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithHttpsRedirect(this IResourceBuilder<NginxResource> builder, bool isPermanent = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Change(builder, configuration => configuration with { HttpsRedirect = isPermanent ? 308 : 307 });
    }

    /// <summary>
    /// Serves the files with which certbot (<c>--webroot</c>) proves to an authority that a host is yours (ACME, RFC 8555): those below
    /// <c>/.well-known/acme-challenge/</c> in a folder, over http too. For a server; in a container nginx has no such folder.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="folder">The absolute path of the folder on the machine where nginx runs, which need not exist yet.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The path is not absolute.</exception>
    /// <example>
    /// <code>
    /// nginx.WithAcmeChallenge("/var/www/certbot");
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithAcmeChallenge(this IResourceBuilder<NginxResource> builder, string folder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Change(builder, configuration => configuration with { AcmeFolder = folder });
    }

    /// <summary>Adds the endpoint, or takes the one that <c>WithHttpsEndpoint</c> has added: nginx itself listens on it.</summary>
    private static IResourceBuilder<NginxResource> AddHttpsEndpoint(IResourceBuilder<NginxResource> nginx) => nginx.WithEndpoint(
        NginxResource.HttpsEndpointName,
        endpoint =>
        {
            endpoint.UriScheme = "https";
            endpoint.IsProxied = false;
            endpoint.Port ??= Options(nginx).HttpsPort;
        });

    /// <summary>Whether nginx has the endpoint when the application runs; adds it where only Aspire's certificate says so.</summary>
    private static void SettleHttpsEndpoint(IResourceBuilder<NginxResource> nginx, IServiceProvider services)
    {
        var isDeclared = nginx.Resource.Annotations.OfType<EndpointAnnotation>().Any(NginxResource.IsHttpsEndpoint);
        if (CertificateSource.IsTurnedOff(nginx.Resource))
        {
            foreach (var endpoint in nginx.Resource.Annotations.OfType<EndpointAnnotation>().Where(NginxResource.IsHttpsEndpoint).ToArray())
            {
                nginx.Resource.Annotations.Remove(endpoint);
            }
        }
        else if (isDeclared || CertificateSource.IsGivenByAspire(nginx.Resource, services))
        {
            AddHttpsEndpoint(nginx);
        }
    }
}
