using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Processes;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>Certificates that a test signs itself, and clients that trust any.</summary>
internal static class TestCertificate
{
    public static X509Certificate2 Create(string name = "example.com")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public static (string Certificate, string Key) CreatePem(string name = "example.com")
    {
        using var certificate = Create(name);
        using var key = certificate.GetECDsaPrivateKey()!;
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>What nginx needs for a certificate on an unused port.</summary>
    /// <param name="folder">Where the files are written.</param>
    public static NginxTls CreateTls(TemporaryFolder folder)
    {
        var (certificate, key) = CreatePem();
        return new(
            new(Ports.PickUnused(["127.0.0.1"]), ["127.0.0.1"]),
            folder.WriteFile("certificate.pem", certificate),
            folder.WriteFile("key.pem", key));
    }

    /// <summary>Whether a test has signed it.</summary>
    public static bool IsOurs(X509Certificate? certificate) => certificate is not null && certificate.Issuer == certificate.Subject;

    /// <param name="port">The port of 127.0.0.1 that requests go to, whatever their host is.</param>
    /// <param name="seen">Told the certificate of each connection.</param>
    public static HttpClient Client(int port, Action<X509Certificate2>? seen = null) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new System.Net.Sockets.Socket(
                System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp)
            {
                NoDelay = true,
            };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        },
        SslOptions =
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                seen?.Invoke((X509Certificate2)certificate!);
                return IsOurs(certificate);
            },
        },
    })
    {
        BaseAddress = new Uri($"https://127.0.0.1:{port}"),
        Timeout = TimeSpan.FromSeconds(30),
    };
}
