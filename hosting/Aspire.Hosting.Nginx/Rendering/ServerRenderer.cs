using System.Net;
using System.Text.RegularExpressions;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>The server block, and the one that rejects other host names.</summary>
internal static class ServerRenderer
{
    private const string Backlog = "4096";

    /// <param name="writer">The configuration.</param>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="paths">Where files are.</param>
    /// <param name="upstreams">The upstreams with their members.</param>
    /// <param name="writeSettings">Writes what is otherwise in the http block, for a site that has none of its own.</param>
    public static void Write(
        NginxConfigWriter writer,
        NginxConfiguration configuration,
        NginxRunPaths paths,
        IReadOnlyList<NginxUpstream> upstreams,
        Action? writeSettings = null)
    {
        var listen = configuration.Listen ?? throw new InvalidOperationException("The port is not known yet.");
        var isGrpcUsed = GrpcRenderer.IsUsed(configuration, upstreams);
        if (!configuration.IsHealthPublic)
        {
            WriteThisMachine(writer, listen);
        }

        var hosts = NginxVirtualHost.Of(configuration);
        if (!hosts.Any(static host => host.IsDefault))
        {
            WriteOtherHosts(writer, configuration, listen, isGrpcUsed);
        }

        foreach (var host in hosts)
        {
            var ofHost = configuration with { ServerNames = host.Names, Routes = host.Routes, StaticFiles = host.StaticFiles };
            WriteServer(writer, ofHost, listen, paths, upstreams, isGrpcUsed, writeSettings);
        }
    }

    private static void WriteServer(
        NginxConfigWriter writer,
        NginxConfiguration configuration,
        NginxListen listen,
        NginxRunPaths paths,
        IReadOnlyList<NginxUpstream> upstreams,
        bool isGrpcUsedAtAll,
        Action? writeSettings)
    {
        // Hosts share the port, and with it the protocols.
        var isGrpcUsed = GrpcRenderer.IsUsed(configuration, upstreams);
        writer.Paragraph();
        writer.Open("server");
        WriteListen(writer, configuration, listen, isGrpcUsedAtAll);
        writeSettings?.Invoke();
        TlsRenderer.WriteServer(writer, configuration, isGrpcUsed);
        ProtectionRenderer.WriteServer(writer, configuration, paths, isGrpcUsed);
        CacheRenderer.WriteServer(writer, configuration);
        ClientRenderer.WriteServer(writer, configuration);
        ProxyRenderer.WriteServer(writer, configuration, upstreams);
        RouteRenderer.WriteServer(writer, configuration);
        StickyRenderer.WriteServer(writer, configuration, upstreams);
        CorsRenderer.WriteServer(writer, configuration.Cors, isGrpcUsed);
        LimitsRenderer.WriteServer(writer, configuration.Limits);
        TelemetryRenderer.WriteServer(writer, configuration);
        ShadowRenderer.WriteServer(writer, configuration, upstreams);
        var hasRetry = UpstreamRenderer.HasRetry(configuration, upstreams);
        ErrorPageRenderer.WriteServer(writer, configuration, paths, hasRetry);
        if (hasRetry)
        {
            UpstreamRenderer.WriteServer(writer, configuration);
        }

        WriteHealth(writer, configuration);
        StaticFilesRenderer.WriteServer(writer, configuration);
        WritePrivatePaths(writer, configuration);
        SnippetRenderer.WriteServer(writer, configuration, paths);
        foreach (var files in configuration.StaticFiles.OrderBy(files => files.Path, StringComparer.Ordinal))
        {
            StaticFilesRenderer.WriteLocations(writer, configuration, files);
        }

        RouteRenderer.WriteLocations(writer, configuration, upstreams);
        ProxyRenderer.WriteDetourLocations(writer, configuration, upstreams);
        ShadowRenderer.WriteLocations(writer, configuration, upstreams);
        writer.Close();
    }

    private static void WriteThisMachine(NginxConfigWriter writer, NginxListen listen)
    {
        writer.Paragraph("1 = a client on this machine");
        writer.Open("geo $from_this_machine");
        writer.Directives(("127.0.0.0/8", "1"), ("::1", "1"));
        // A connection from this machine to one of its addresses comes from that address.
        foreach (var address in listen.Addresses.Select(address => address.Trim('[', ']')).Where(IsPlainAddress))
        {
            writer.Directive(address, "1");
        }

        writer.Close();
    }

    private static bool IsPlainAddress(string listen) =>
        IPAddress.TryParse(listen, out var address)
        && !IPAddress.IsLoopback(address)
        && !address.Equals(IPAddress.IPv6Any);

    private static void WriteOtherHosts(
        NginxConfigWriter writer, NginxConfiguration configuration, NginxListen listen, bool isGrpcUsed)
    {
        writer.Paragraph("Requests for other host names are rejected (421 Misdirected Request)", "WithServerName");
        writer.Open("server");
        foreach (var address in listen.Addresses)
        {
            writer.Directive("listen", $"{address}:{Number(listen.Port)}{SocketParameters(listen)}");
        }

        TlsRenderer.WriteListen(writer, configuration, SocketParameters(listen), isGrpcUsed);
        writer.Directive("server_name", "\"\"");
        TlsRenderer.WriteCertificate(writer, configuration);
        ErrorPageRenderer.WriteProblems(writer, configuration, static _ => true);
        WriteHealth(writer, configuration);
        writer.Paragraph();
        writer.Open("location /");
        writer.Directive("return", "421");
        writer.Close();
        writer.Close();
    }

    private static void WriteListen(NginxConfigWriter writer, NginxConfiguration configuration, NginxListen listen, bool isGrpcUsed)
    {
        var names = configuration.ServerNames;
        var parameters = names.IsEmpty ? SocketParameters(listen) : "";
        writer.Origin = "AddNginx";
        foreach (var address in listen.Addresses)
        {
            writer.Directive("listen", $"{address}:{Number(listen.Port)}{parameters}");
        }

        TlsRenderer.WriteListen(writer, configuration, parameters, isGrpcUsed);

        writer.Origin = "WithServerName";
        writer.Directive("server_name", names.IsEmpty ? "localhost" : string.Join(' ', names.Select(Quote)));
    }

    /// <summary>What the first <c>listen</c> directive of an address says of its socket.</summary>
    private static string SocketParameters(NginxListen listen) =>
        $" default_server backlog={Backlog}{(listen.IsShared ? " reuseport" : "")}";

    private static void WriteHealth(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        writer.Paragraph(configuration.IsHealthPublic ? "Health check of nginx" : "Health check of nginx, for this machine only");
        writer.Open($"location = {NginxConfiguration.HealthPath}");
        writer.Directive("default_type", "text/plain");
        TelemetryRenderer.WriteHealth(writer, configuration);
        if (!configuration.IsHealthPublic)
        {
            writer.Open("if ($from_this_machine = \"\")");
            writer.Directive("return", "404");
            writer.Close();
        }

        writer.Directive("return", "200 \"healthy\\n\"");
        writer.Close();
    }

    private static void WritePrivatePaths(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        // A route or folder of its own says that a path is for clients.
        string[] open =
        [
            .. configuration.Routes.Select(static route => route.Path)
                .Concat(configuration.StaticFiles.Select(static files => files.Path))
                .Select(static path => RequestPath.Normalize(path) + "/"),
        ];
        // Where the resource does not see the beginning of a path, its private paths are below that.
        var prefixes = configuration.Routes
            .Select(static route => RequestPath.Normalize(route.RemovedPrefix ?? "/"))
            .Append("/")
            .Distinct();
        string[] closed =
        [
            .. prefixes
                .SelectMany(prefix => configuration.PrivatePaths.Select(path => prefix.TrimEnd('/') + RequestPath.Normalize(path)))
                .Where(path => !open.Any(other => other.StartsWith(path + "/", StringComparison.OrdinalIgnoreCase)))
                .Select(static path => Regex.Escape(path[1..])),
        ];
        if (closed.Length > 0 && configuration.IsProxy)
        {
            writer.Paragraph("Not for clients, in upper or lower case", "WithPrivatePaths");
            writer.Open($"location ~* {Quote($"^/(?:{string.Join('|', closed)})(?:/|$)")}");
            writer.Directive("return", "404");
            writer.Close();
        }
    }
}

/// <summary>Includes the user's own directives. A text is a file too, so that nginx names it when it is wrong.</summary>
internal static class SnippetRenderer
{
    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths) =>
        Write(writer, configuration, paths, NginxSnippetContext.Http);

    /// <summary>
    /// Writes those in the server block. Without the <c>break</c> a rule such as <c>return 503</c> would also answer nginx's health check
    /// and its internal redirects to error pages.
    /// </summary>
    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths)
    {
        if (configuration.Snippets.All(static snippet => snippet.Context != NginxSnippetContext.Server))
        {
            return;
        }

        writer.Paragraph("Paths of nginx itself, to which the rules in the snippets do not apply", "WithServerSnippet");
        writer.Open($"location ^~ {NginxConfiguration.OwnPath}");
        writer.Directive("return", "404");
        writer.Close();
        writer.Open($"if ($uri ~ ^{NginxConfiguration.OwnPath})");
        writer.Directive("break");
        writer.Close();
        Write(writer, configuration, paths, NginxSnippetContext.Server);
    }

    /// <summary>Writes those of a route, in each of its locations.</summary>
    public static void WriteLocation(NginxConfigWriter writer, NginxRoute route)
    {
        if (route.Snippet is { } snippet)
        {
            writer.Lines("WithLocationSnippet", snippet);
        }
    }

    private static void Write(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths, NginxSnippetContext context)
    {
        if (configuration.Snippets.All(snippet => snippet.Context != context))
        {
            return;
        }

        writer.Paragraph("Snippets", "WithServerSnippet");
        for (var index = 0; index < configuration.Snippets.Length; index++)
        {
            var snippet = configuration.Snippets[index];
            if (snippet.Context == context)
            {
                writer.Directive("include", Quote(snippet.Folder is { } folder ? $"{folder}/*.conf" : paths.SnippetFile(index)));
            }
        }
    }
}

/// <summary>Limits per client address. Responses without a member, such as those to preflights, do not count.</summary>
internal static class LimitsRenderer
{
    private const string Origin = "WithRequestLimits";

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, bool isGrpcUsed)
    {
        var limits = configuration.Limits;
        // The length has as many digits as that of a buffer, or more. A regular expression for the very number would be hard to read.
        writer.Paragraph("Large bodies in flight, of a client and of all; 1 = perhaps larger than a buffer", Origin);
        var (source, length) = ("$content_length$http_transfer_encoding", $"[0-9]{{1,{Number(limits.BodyBufferSize).Length - 1}}}");
        if (configuration.HasHttp2 || isGrpcUsed)
        {
            // Over HTTP/2 a body of unknown length has no header that says so.
            writer.Map(
                $"\"{(isGrpcUsed ? GrpcRenderer.IsStreamed : "")}$request_method $server_protocol:{source}\"",
                "$large_body",
                [
                    .. isGrpcUsed ? [("\"~^1\"", "\"\"")] : Array.Empty<(string, string)>(),
                    ("\"~^(?:GET|HEAD|OPTIONS|DELETE) [^:]*:$\"", "\"\""),
                    ("\"~HTTP/1\\.[01]:$\"", "\"\""),
                    ($"\"~:{length}$\"", "\"\""),
                    ("default", "1"),
                ]);
        }
        else
        {
            writer.Map(source, "$large_body", ("\"\"", "\"\""), ($"\"~^{length}$\"", "\"\""), ("default", "1"));
        }

        writer.Map("$large_body", "$large_body_of_client", ("1", "$binary_remote_addr"));
        writer.Directives(
            ("limit_conn_zone $large_body_of_client", "zone=large_bodies_per_client:10m"),
            ("limit_conn_zone $large_body", "zone=large_bodies:64k"));

        writer.Paragraph("Seconds after which a client beyond a limit may try again", Origin);
        var hasRate = limits.RequestsPerSecond is not null;
        var next = configuration.IsInMaintenance ? "$maintenance_retry" : hasRate ? "$retry_after_rate" : "\"\"";
        writer.Map("$limit_conn_status", "$retry_after", ("REJECTED", "5"), ("default", next));
        if (hasRate)
        {
            writer.Map("$limit_req_status", "$retry_after_rate", ("REJECTED", "1"));
        }

        if (!HasClientLimits(limits))
        {
            return;
        }

        writer.Paragraph("Requests and connections, counted by client address", Origin);
        if (limits.RequestsPerSecond is { } rate)
        {
            writer.Directive("limit_req_zone", $"$binary_remote_addr zone=requests_per_client:10m rate={Number(rate)}r/s");
        }

        if (limits.ConnectionsPerClient is not null)
        {
            writer.Directive("limit_conn_zone", "$binary_remote_addr zone=connections_per_client:10m");
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxRequestLimits limits)
    {
        writer.Paragraph("Limits of large bodies, which fill temporary files", Origin);
        writer.Directive("limit_conn", $"large_bodies_per_client {Number(limits.LargeBodiesPerClient)}");
        writer.Directive("limit_conn", $"large_bodies {Number(limits.LargeBodies)}");
        writer.Directive("add_header", "Retry-After $retry_after always");
        if (!HasClientLimits(limits))
        {
            return;
        }

        writer.Paragraph("Limits per client address", Origin);
        if (limits.RequestsPerSecond is not null)
        {
            writer.Directive("limit_req", $"zone=requests_per_client{(limits.Burst > 0 ? $" burst={Number(limits.Burst)} nodelay" : "")}");
            writer.Directive("limit_req_status", "429");
        }

        if (limits.ConnectionsPerClient is { } connections)
        {
            writer.Directive("limit_conn", $"connections_per_client {Number(connections)}");
        }
    }

    private static bool HasClientLimits(NginxRequestLimits limits) =>
        limits.RequestsPerSecond is not null || limits.ConnectionsPerClient is not null;
}
