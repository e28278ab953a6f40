using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Security headers, compression, maintenance, and the access log for people.</summary>
internal static class ProtectionRenderer
{
    /// <summary>How long clients are told to wait during maintenance, in seconds.</summary>
    private const string MaintenanceWait = "60";

    private const string LogFormat = "console";

    /// <summary>Texts that are whole answers: no event streams and no NDJSON, whose parts would wait for each other.</summary>
    private static readonly string[] CompressedTypes =
    [
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "application/problem+json",
        "application/wasm",
        "application/xml",
        "font/ttf",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/javascript",
        "text/markdown",
        "text/plain",
        "text/xml",
    ];

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        foreach (var (header, variable, value) in Headers(configuration.SecurityHeaders))
        {
            if (variable == "$security_content_type_options")
            {
                writer.Paragraph("Headers that protect visitors, where the resource sends none of its own", "WithSecurityHeaders");
            }

            writer.Map(UpstreamVariable(header), variable, ("\"\"", $"\"{value}\""));
        }

        if (configuration.IsInMaintenance)
        {
            writer.Paragraph("1 = not served during maintenance", "maintenance-on");
            writer.Open("map $uri $in_maintenance");
            writer.Directive("volatile");
            writer.Directives(($"\"~^(?:{NginxConfiguration.OwnPath}|{TlsRenderer.AcmePattern})\"", "\"\""), ("default", "1"));
            writer.Close();
            writer.Map("$status", "$maintenance_retry", ("503", MaintenanceWait));
        }

        if (IsLogged(configuration))
        {
            writer.Paragraph("A line for the console, with the path as the client wrote it and without the query", "WithAccessLog");
            writer.Map("$request_uri", "$logged_path", ("\"~^([^?]*)\"", "$1"));
            writer.DirectiveOfLines(
                $"log_format {LogFormat}",
                "'$remote_addr [$time_iso8601] \"$request_method $logged_path $server_protocol\" $status $body_bytes_sent '",
                "'$request_time $upstream_addr \"$http_user_agent\"'");
        }
    }

    public static void WriteServer(
        NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths, bool isGrpcUsed)
    {
        if (configuration.BasicAuth is not null)
        {
            writer.Paragraph("Name and password; resources do not see them", "WithBasicAuth");
            writer.Directives(("auth_basic", "Restricted"), ("auth_basic_user_file", Quote(paths.UserFile)));
            writer.Directive("proxy_set_header", "Authorization \"\"");
            if (isGrpcUsed)
            {
                writer.Directive("grpc_set_header", "Authorization \"\"");
            }
        }

        if (configuration.SecurityHeaders is not null)
        {
            writer.Paragraph("Headers that protect visitors", "WithSecurityHeaders");
            foreach (var (header, variable, _) in Headers(configuration.SecurityHeaders))
            {
                writer.Directive("add_header", $"{header} {variable} always");
            }
        }

        if (configuration.Compression is { } compression)
        {
            writer.Paragraph("Compression", "WithCompression");
            writer.Directives(
                ("gzip", "on"),
                ("gzip_comp_level", Number(compression.Level)),
                ("gzip_min_length", Number(compression.MinLength)),
                ("gzip_proxied", "any"),
                ("gzip_vary", "on"));
            writer.DirectiveOfLines("gzip_types", CompressedTypes);
        }

        if (configuration.IsInMaintenance)
        {
            writer.Paragraph("Maintenance", "maintenance-on");
            writer.Open("if ($in_maintenance)");
            writer.Directive("return", "503");
            writer.Close();
        }

        if (IsLogged(configuration))
        {
            writer.Origin = "WithAccessLog";
            writer.Directive("access_log", $"/dev/stdout {LogFormat}");
        }
    }

    /// <summary>Whether requests are written to the console; a site leaves that to the nginx.conf that includes it.</summary>
    public static bool IsLogged(NginxConfiguration configuration) => configuration is { AccessLog: true, IsSite: false };

    private static IEnumerable<(string Header, string Variable, string Value)> Headers(NginxSecurityHeaders? headers) => headers is null
        ? []
        : new (string Header, string Variable, string? Value)[]
        {
            ("X-Content-Type-Options", "$security_content_type_options", "nosniff"),
            ("X-Frame-Options", "$security_frame_options", headers.FrameOptions),
            ("Referrer-Policy", "$security_referrer_policy", headers.ReferrerPolicy),
            ("Content-Security-Policy", "$security_content_policy", headers.ContentSecurityPolicy),
            ("Permissions-Policy", "$security_permissions_policy", headers.PermissionsPolicy),
        }
        .Where(static header => header.Value is not null)
        .Select(static header => (header.Header, header.Variable, header.Value!.Replace("\"", "\\\"", StringComparison.Ordinal)));

    private static string UpstreamVariable(string header) =>
        $"$upstream_http_{header.Replace('-', '_').ToLowerInvariant()}";
}
