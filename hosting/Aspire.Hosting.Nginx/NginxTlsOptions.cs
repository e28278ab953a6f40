using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>The certificate of nginx's endpoint <c>https</c>, and how nginx speaks TLS.</summary>
/// <remarks>
/// TLS 1.2 and 1.3 with the ciphers that Mozilla calls intermediate. Sessions are resumed from a cache of 10 MiB for up to a day, without
/// tickets, whose key nginx would never change.
/// </remarks>
public sealed record NginxTlsOptions
{
    /// <summary>
    /// The PEM file with the certificate and those that lead to its authority (<c>ssl_certificate</c>), relative to the AppHost's folder;
    /// for a server the path there. Default: none. nginx takes a renewed file without a restart.
    /// </summary>
    public string? CertificateFile { get; init; }

    /// <summary>The PEM file with the private key of <see cref="CertificateFile"/> (<c>ssl_certificate_key</c>).</summary>
    public string? KeyFile { get; init; }

    /// <summary>The certificate as in <see cref="CertificateFile"/>, as the value of a parameter. A container has no other.</summary>
    public IResourceBuilder<ParameterResource>? Certificate { get; init; }

    /// <summary>The private key of <see cref="Certificate"/>, as PEM: a secret parameter.</summary>
    public IResourceBuilder<ParameterResource>? PrivateKey { get; init; }

    /// <summary>Whether clients may use HTTP/2 (<c>http2</c>). Default true.</summary>
    public bool Http2 { get; init; } = true;

    /// <summary>
    /// For how long a browser is to use https for this host (<c>Strict-Transport-Security</c>), in whole seconds; never for localhost or a
    /// loopback address. Default: it is not told. Range 0 s, which takes an earlier one back, to 2 years.
    /// </summary>
    [Bounds(0, 2 * 365 * 86_400)]
    public TimeSpan? Hsts { get; init; }

    /// <summary>Whether <see cref="Hsts"/> is also for all hosts below this one (<c>includeSubDomains</c>). Default false.</summary>
    public bool HstsIncludesSubdomains { get; init; }
}
