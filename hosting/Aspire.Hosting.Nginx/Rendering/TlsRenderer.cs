using System.Text.RegularExpressions;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>TLS, HTTP/2, and the way from http to https.</summary>
internal static class TlsRenderer
{
    private const string Origin = "WithTls";
    private const string AcmePath = "/.well-known/acme-challenge/";

    /// <summary>The path of proofs for an authority, in a regular expression.</summary>
    public static readonly string AcmePattern = Regex.Escape(AcmePath);

    /// <summary>Mozilla's intermediate ciphers for TLS 1.2; TLS 1.3 has its own.</summary>
    private static readonly string[] Ciphers =
    [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305",
    ];

    /// <summary>The first version with the directive <c>http2</c>; those before have a word of <c>listen</c>.</summary>
    private static readonly Version FirstWithHttp2Directive = new(1, 25, 1);

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        var scheme = ClientRenderer.SchemeOf(configuration);
        if (IsRedirected(configuration))
        {
            writer.Paragraph("1 = came over http, and is redirected to https", "WithHttpsRedirect");
            var others = $"{NginxConfiguration.OwnPath}|{AcmePattern}";
            writer.Map($"\"{scheme} $uri\"", "$https_redirect", ($"\"~^http (?!{others})\"", "1"));
        }

        if (configuration.TlsOptions is { Hsts: { } age } options)
        {
            writer.Paragraph("For how long browsers use https, and never for this machine's own names", Origin);
            var value = $"max-age={Number((long)age.TotalSeconds)}{(options.HstsIncludesSubdomains ? "; includeSubDomains" : "")}";
            writer.Map($"\"{scheme} $host\"", "$hsts", ("\"~^https (?!localhost$|127\\.|\\[)\"", Quote(value)));
        }
    }

    /// <summary>Writes the <c>listen</c> lines for TLS.</summary>
    /// <param name="writer">The configuration.</param>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="parameters">What stands behind each address.</param>
    /// <param name="isGrpcUsed">Whether clients need HTTP/2 without TLS too; an older nginx would speak nothing else there.</param>
    public static void WriteListen(NginxConfigWriter writer, NginxConfiguration configuration, string parameters, bool isGrpcUsed)
    {
        if (configuration.Tls is { } tls)
        {
            writer.Origin = Origin;
            var http2 = configuration.HasHttp2 && !HasHttp2Directive(configuration) ? " http2" : "";
            foreach (var address in tls.Listen.Addresses)
            {
                writer.Directive("listen", $"{address}:{Number(tls.Listen.Port)} ssl{http2}{parameters}");
            }

        }

        if ((configuration.HasHttp2 || isGrpcUsed) && HasHttp2Directive(configuration))
        {
            writer.Directive("http2", "on");
        }
    }

    /// <summary>Writes the certificate, and how TLS is spoken.</summary>
    public static void WriteCertificate(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.Tls is { } tls)
        {
            writer.Paragraph("TLS: Mozilla's intermediate settings; sessions without tickets, whose key would never change", Origin);
            writer.Directives(
                ("ssl_certificate", Quote(tls.CertificateFile)),
                ("ssl_certificate_key", Quote(tls.KeyFile)),
                ("ssl_protocols", "TLSv1.2 TLSv1.3"),
                ("ssl_ciphers", string.Join(':', Ciphers)),
                ("ssl_prefer_server_ciphers", "off"),
                ("ssl_session_cache", "shared:tls_sessions:10m"),
                ("ssl_session_timeout", "1d"),
                ("ssl_session_tickets", "off"));
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration, bool isGrpcUsed)
    {
        WriteCertificate(writer, configuration);
        if (configuration.TlsOptions?.Hsts is not null)
        {
            writer.Directive("proxy_hide_header", "Strict-Transport-Security");
            if (isGrpcUsed)
            {
                writer.Directive("grpc_hide_header", "Strict-Transport-Security");
            }

            writer.Directive("add_header", "Strict-Transport-Security $hsts always");
        }

        if (IsRedirected(configuration))
        {
            writer.Paragraph("From http to https", "WithHttpsRedirect");
            writer.Open("if ($https_redirect)");
            writer.Directive("return", $"{Number(configuration.HttpsRedirect!.Value)} https://$host{Port(configuration)}$request_uri");
            writer.Close();
        }

        if (configuration is { AcmeFolder: { } folder, IsContainer: false })
        {
            writer.Paragraph("Proofs for the authority that signs the certificate", "WithAcmeChallenge");
            writer.Open($"location ^~ {AcmePath}");
            writer.Directive("root", Quote(folder));
            writer.Directive("default_type", "text/plain");
            writer.Directive("log_not_found", "off");
            if (configuration.BasicAuth is not null)
            {
                writer.Directive("auth_basic", "off");
            }

            writer.Close();
        }
    }

    /// <summary>Where nothing here or in front of nginx has a certificate, all stays on http.</summary>
    private static bool IsRedirected(NginxConfiguration configuration) =>
        configuration.HttpsRedirect is not null
        && (configuration.Tls is not null || configuration.IsContainer || !configuration.TrustedProxies.IsEmpty);

    /// <summary>Whether nginx can speak HTTP/1.1 and HTTP/2 on one port without TLS.</summary>
    /// <remarks>An image of nginx can be chosen, and one that old is not.</remarks>
    public static bool HasHttp2Directive(NginxConfiguration configuration) =>
        configuration.IsContainer || configuration.Version >= FirstWithHttp2Directive;

    private static string Port(NginxConfiguration configuration) =>
        configuration.Tls is { PublicPort: not 443 and var port } ? $":{Number(port)}" : "";
}
