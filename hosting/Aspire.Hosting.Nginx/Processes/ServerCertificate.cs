// Aspire's certificate API is experimental.
#pragma warning disable ASPIRECERTIFICATES001

using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>Where the certificate of the endpoint <c>https</c> comes from when the application runs.</summary>
internal static class CertificateSource
{
    private const string Missing =
        "there is no certificate: no trusted developer certificate, and none in WithTls; "
        + "run 'dotnet dev-certs https --trust', or give one with WithTls or WithHttpsCertificate";

    /// <summary>Whether <c>WithoutHttpsCertificate</c> was called.</summary>
    public static bool IsTurnedOff(IResource nginx) =>
        Annotation(nginx) is { Certificate: null, UseDeveloperCertificate: false };

    /// <summary>Whether Aspire has a certificate for nginx, or was asked for one.</summary>
    public static bool IsGivenByAspire(IResource nginx, IServiceProvider services) =>
        Annotation(nginx) is { } given
            ? given.Certificate is not null || (given.UseDeveloperCertificate ?? UsesDeveloperCertificate(services))
            : UsesDeveloperCertificate(services);

    /// <summary>What the certificate is read from now: a change of it means that it is to be read again.</summary>
    public static object Fingerprint(IResource nginx, NginxTlsOptions? tls) =>
        IsFileUsed(nginx, tls) ? (Stamp(tls!.CertificateFile!), Stamp(tls.KeyFile!)) : "";

    /// <summary>Reads certificate and key, both as PEM.</summary>
    /// <param name="nginx">The resource.</param>
    /// <param name="tls">What the AppHost gave, with absolute paths.</param>
    /// <param name="services">The services of the application.</param>
    /// <param name="cancellationToken">Ends waiting for parameters.</param>
    /// <exception cref="DistributedApplicationException">There is none, or it is of no use; the message is one line.</exception>
    public static async Task<CertificatePair> ReadAsync(
        IResource nginx, NginxTlsOptions? tls, IServiceProvider services, CancellationToken cancellationToken)
    {
        var given = Annotation(nginx);
        if (given?.Certificate is { } certificate)
        {
            return CertificatePair.Of(certificate);
        }

        var developer = services.GetService<IDeveloperCertificateService>()?.Certificates.FirstOrDefault();
        if (developer is not null && (given?.UseDeveloperCertificate is true || (tls?.Certificate is null && !IsFileUsed(nginx, tls))))
        {
            return CertificatePair.Of(developer);
        }

        if (IsFileUsed(nginx, tls))
        {
            return CertificatePair.OfFiles(tls!.CertificateFile!, tls.KeyFile!);
        }

        if (tls is { Certificate.Resource: var parameter, PrivateKey.Resource: var secret })
        {
            return CertificatePair.OfTexts(
                await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false),
                await secret.GetValueAsync(cancellationToken).ConfigureAwait(false),
                $"the parameters '{parameter.Name}' and '{secret.Name}'");
        }

        throw new DistributedApplicationException(
            tls?.CertificateFile is { } file ? $"{(File.Exists(file) ? tls.KeyFile : file)} does not exist" : Missing);
    }

    private static HttpsCertificateAnnotation? Annotation(IResource nginx) =>
        nginx.Annotations.OfType<HttpsCertificateAnnotation>().LastOrDefault();

    private static bool UsesDeveloperCertificate(IServiceProvider services) =>
        services.GetService<IDeveloperCertificateService>() is { UseForHttps: true };

    private static bool IsFileUsed(IResource nginx, NginxTlsOptions? tls) =>
        Annotation(nginx) is not { Certificate: not null }
        && tls is { CertificateFile: { } certificate, KeyFile: { } key }
        && File.Exists(certificate)
        && File.Exists(key);

    private static (string? Target, DateTime Time, long Length) Stamp(string file)
    {
        // certbot points a link to the new file.
        var target = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? new FileInfo(file);
        return target.Exists ? (target.FullName, target.LastWriteTimeUtc, target.Length) : default;
    }
}

/// <summary>A certificate and its private key, both as PEM.</summary>
/// <param name="Certificate">The certificate, and those that lead to its authority.</param>
/// <param name="Key">The key, which is never logged.</param>
internal sealed record CertificatePair(string Certificate, string Key)
{
    private const string Of509 = "the certificate of WithHttpsCertificate, or the developer certificate,";

    /// <exception cref="DistributedApplicationException">It has no key, or one that cannot be read.</exception>
    public static CertificatePair Of(X509Certificate2 certificate)
    {
        try
        {
            using var rsa = certificate.GetRSAPrivateKey();
            using var ecdsa = certificate.GetECDsaPrivateKey();
            var key = (AsymmetricAlgorithm?)rsa ?? ecdsa ?? throw new CryptographicException("it has no RSA or ECDSA key");
            return new(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
        }
        catch (CryptographicException exception)
        {
            throw Unusable(Of509, exception);
        }
    }

    /// <exception cref="DistributedApplicationException">They cannot be read, or do not belong together.</exception>
    public static CertificatePair OfFiles(string certificateFile, string keyFile)
    {
        var name = $"{certificateFile} with {keyFile}";
        try
        {
            return OfTexts(File.ReadAllText(certificateFile), File.ReadAllText(keyFile), name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(name, exception);
        }
    }

    /// <exception cref="DistributedApplicationException">They are no PEM, or do not belong together.</exception>
    public static CertificatePair OfTexts(string? certificate, string? key, string name)
    {
        try
        {
            using var loaded = X509Certificate2.CreateFromPem(certificate, key);
            return new(certificate!, key!);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw Unusable(name, exception);
        }
    }

    /// <summary>Keeps the key out of texts.</summary>
    public override string ToString() => nameof(CertificatePair);

    private static DistributedApplicationException Unusable(string name, Exception exception) =>
        new($"{name} cannot be used: {exception.Message.TrimEnd('.').ReplaceLineEndings(" ")}", exception);
}

/// <summary>The certificate in the run folder: nginx reads a copy, so that a half-renewed pair never meets it.</summary>
/// <param name="nginx">The resource.</param>
/// <param name="tls">What the AppHost gave, with absolute paths.</param>
/// <param name="listen">Where nginx accepts TLS.</param>
/// <param name="services">The services of the application.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class ServerCertificate(IResource nginx, NginxTlsOptions? tls, NginxListen listen, IServiceProvider services)
{
    private CertificatePair? _pair;
    private object? _fingerprint;

    /// <summary>Why there is none, or an older one, in one line; null where all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads the certificate if it is another one than at the last call.</summary>
    /// <returns>Whether nginx is to load it.</returns>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var fingerprint = CertificateSource.Fingerprint(nginx, tls);
        if (fingerprint.Equals(_fingerprint))
        {
            return false;
        }

        _fingerprint = fingerprint;
        try
        {
            var pair = await CertificateSource.ReadAsync(nginx, tls, services, cancellationToken).ConfigureAwait(false);
            (var isNew, _pair, Problem) = (pair != _pair, pair, null);
            return isNew;
        }
        catch (DistributedApplicationException exception)
        {
            Problem = exception.Message;
            return false;
        }
    }

    /// <summary>Writes certificate and key into the run folder, for its owner alone: nginx's master reads them.</summary>
    /// <returns>What nginx is to be configured with; null where there is none.</returns>
    /// <exception cref="IOException">The run folder cannot be written.</exception>
    public NginxTls? Write(NginxRunPaths paths)
    {
        if (_pair is not { } pair)
        {
            return null;
        }

        Directory.CreateDirectory(paths.TlsFolder, PrivateFolder.OwnerOnly);
        PrivateFile.Write(paths.CertificateFile, pair.Certificate);
        PrivateFile.Write(paths.KeyFile, pair.Key);
        return new(listen, paths.CertificateFile, paths.KeyFile);
    }
}
