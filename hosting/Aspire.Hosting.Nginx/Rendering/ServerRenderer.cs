using System.Collections.Immutable;
using System.Net;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Publishing.NginxVariables;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>The server block, and the one that turns other host names away.</summary>
internal static class ServerRenderer
{
    private const string Backlog = "4096";

    /// <param name="writer">The configuration.</param>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="paths">Where files are.</param>
    /// <param name="upstreams">Who answers.</param>
    /// <param name="writeSettings">Writes what stands in the server because the http block is not ours; null where it is.</param>
    public static void Write(
        NginxConfigWriter writer,
        NginxConfiguration configuration,
        NginxRunPaths paths,
        IReadOnlyList<NginxUpstream> upstreams,
        Action? writeSettings = null)
    {
        var listen = configuration.Listen ?? throw new InvalidOperationException("The port is not known yet.");
        if (!configuration.IsContainer)
        {
            WriteThisMachine(writer, listen);
        }

        if (!configuration.ServerNames.IsEmpty)
        {
            WriteOtherHosts(writer, configuration, listen);
        }

        writer.Paragraph();
        writer.Open("server");
        WriteListen(writer, listen, configuration.ServerNames);
        writeSettings?.Invoke();
        CorsRenderer.WriteServer(writer, configuration.Cors);
        LimitsRenderer.WriteServer(writer, configuration.Limits);
        TelemetryRenderer.WriteServer(writer, configuration);
        var hasSecondRound = ProxyRenderer.HasSecondRound(configuration, upstreams);
        WriteErrorPages(writer, configuration.ErrorPages, paths, code => !hasSecondRound || code != ProxyRenderer.NobodyAsked);
        if (hasSecondRound)
        {
            ProxyRenderer.WriteSecondRound(writer, () => WriteErrorPageDirectives(writer, configuration.ErrorPages, _ => true));
        }

        ProblemDetailsRenderer.WriteServer(writer, configuration);
        WriteHealth(writer, configuration);
        SnippetRenderer.Write(writer, configuration, paths, NginxSnippetContext.Server);
        foreach (var files in configuration.StaticFiles.OrderBy(files => files.Path, StringComparer.Ordinal))
        {
            WriteStaticFiles(writer, configuration, files);
        }

        foreach (var route in configuration.Routes.OrderBy(route => route.Path, StringComparer.Ordinal))
        {
            ProxyRenderer.WriteLocations(writer, configuration, route, upstreams);
        }

        ProxyRenderer.WriteSessions(writer, configuration, upstreams);
        writer.Close();
    }

    private static void WriteThisMachine(NginxConfigWriter writer, NginxListen listen)
    {
        writer.Paragraph("Health is told to this machine alone");
        writer.Open("geo $from_this_machine");
        writer.Directives(("127.0.0.0/8", "1"), ("::1", "1"));
        // Whoever calls an address of this machine from this machine comes from that address.
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

    private static void WriteOtherHosts(NginxConfigWriter writer, NginxConfiguration configuration, NginxListen listen)
    {
        writer.Paragraph("Requests for any other host are misdirected", "WithServerName");
        writer.Open("server");
        foreach (var address in listen.Addresses)
        {
            writer.Directive("listen", $"{address}:{Number(listen.Port)} default_server backlog={Backlog}");
        }

        writer.Directive("server_name", "\"\"");
        WriteHealth(writer, configuration);
        writer.Paragraph();
        writer.Open("location /");
        writer.Directive("return", "421");
        writer.Close();
        writer.Close();
    }

    private static void WriteListen(NginxConfigWriter writer, NginxListen listen, ImmutableArray<string> names)
    {
        writer.Origin = "AddNginx";
        foreach (var address in listen.Addresses)
        {
            writer.Directive("listen", $"{address}:{Number(listen.Port)}{(names.IsEmpty ? $" default_server backlog={Backlog}" : "")}");
        }

        writer.Origin = "WithServerName";
        writer.Directive("server_name", names.IsEmpty ? "localhost" : string.Join(' ', names.Select(Quote)));
    }

    private static void WriteErrorPages(NginxConfigWriter writer, ImmutableArray<NginxErrorPage> pages, NginxRunPaths paths, Func<int, bool> isTold)
    {
        if (pages.IsEmpty)
        {
            return;
        }

        writer.Paragraph("Pages for nginx's own errors; the status stays what it is", "WithErrorPage");
        WriteErrorPageDirectives(writer, pages, isTold);
        writer.Open($"location {NginxConfiguration.ErrorPagesPath}");
        writer.Directive("internal");
        writer.Directive("alias", Quote($"{paths.ErrorPagesFolder}/"));
        writer.Directive("charset", "utf-8");
        writer.Close();
    }

    private static void WriteErrorPageDirectives(NginxConfigWriter writer, ImmutableArray<NginxErrorPage> pages, Func<int, bool> isTold)
    {
        for (var index = 0; index < pages.Length; index++)
        {
            var codes = string.Join(' ', pages[index].Codes.Where(isTold).Select(code => Number(code)));
            if (codes.Length > 0)
            {
                writer.Directive("error_page", $"{codes} {NginxConfiguration.ErrorPagesPath}{NginxRunPaths.ErrorPageName(index)}");
            }
        }
    }

    private static void WriteHealth(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        writer.Paragraph("nginx itself is well");
        writer.Open($"location = {NginxConfiguration.HealthPath}");
        writer.Directive("default_type", "text/plain");
        TelemetryRenderer.WriteHealth(writer, configuration);
        if (!configuration.IsContainer)
        {
            writer.Open("if ($from_this_machine = \"\")");
            writer.Directive("return", "404");
            writer.Close();
        }

        writer.Directive("return", "200 \"healthy\\n\"");
        writer.Close();
    }

    private static void WriteStaticFiles(NginxConfigWriter writer, NginxConfiguration configuration, NginxStaticFiles files)
    {
        writer.Paragraph($"{files.Path} is served from a folder", "WithStaticFiles");
        if (files.Path == "/")
        {
            writer.Open("location /");
            writer.Directive("root", Quote(files.Folder));
        }
        else
        {
            writer.Open($"location {Quote(files.Path.TrimEnd('/') + "/")}");
            writer.Directive("alias", Quote(files.Folder + "/"));
        }

        writer.Directive("charset", "utf-8");
        TelemetryRenderer.WriteRoute(writer, configuration, files.Path);
        writer.Close();
    }
}

/// <summary>Includes the user's own directives; texts are files too, so that nginx names them when they are wrong.</summary>
internal static class SnippetRenderer
{
    public static void Write(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths, NginxSnippetContext context)
    {
        if (configuration.Snippets.All(snippet => snippet.Context != context))
        {
            return;
        }

        writer.Paragraph("Snippets", "WithConfigSnippet");
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

/// <summary>What a published nginx reads from environment variables, because only the place that it runs in knows it.</summary>
internal static class SurroundingsRenderer
{
    /// <summary>The scheme that the client used, which an ingress in front of nginx knows.</summary>
    public const string ClientScheme = "$client_scheme";

    /// <summary>The host name that the members of an upstream are asked for.</summary>
    public const string MemberHost = "$member_host";

    public static void WriteHttp(NginxConfigWriter writer)
    {
        writer.Paragraph("Names are looked up again while nginx runs");
        writer.Directive("resolver", $"{Placeholder(Resolvers)} valid=10s");

        writer.Paragraph("A proxy in front of nginx is believed who the client is, and nobody else");
        writer.Directives(("set_real_ip_from", Placeholder(TrustedProxy)), ("real_ip_header", "X-Forwarded-For"));
        writer.Open("geo $realip_remote_addr $is_proxied");
        writer.Directive(Placeholder(TrustedProxy), "1");
        writer.Close();
        writer.Open($"map \"$is_proxied $http_x_forwarded_proto\" {ClientScheme}");
        writer.Directives(("\"1 https\"", "https"), ("default", "$scheme"));
        writer.Close();
    }

    /// <summary>Says for which host the members are asked where a request is passed to them.</summary>
    public static void WriteLocation(NginxConfigWriter writer, string host) => writer.Directive("set", $"{MemberHost} \"{host}\"");

    /// <summary>Lets TLS know the name, too.</summary>
    public static void WriteTls(NginxConfigWriter writer) =>
        writer.Directives(("proxy_ssl_server_name", "on"), ("proxy_ssl_name", MemberHost));
}

/// <summary>Limits per client address; answers that need no member, such as health and preflights, are not counted.</summary>
internal static class LimitsRenderer
{
    private const string Origin = "WithRequestLimits";

    public static void WriteHttp(NginxConfigWriter writer, NginxRequestLimits limits)
    {
        if (!HasLimits(limits))
        {
            return;
        }

        writer.Paragraph("What each client address is counted in", Origin);
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
        if (!HasLimits(limits))
        {
            return;
        }

        writer.Paragraph("What each client may ask for", Origin);
        if (limits.RequestsPerSecond is not null)
        {
            writer.Directive("limit_req", $"zone=requests_per_client{(limits.Burst > 0 ? $" burst={Number(limits.Burst)} nodelay" : "")}");
            writer.Directive("limit_req_status", "429");
        }

        if (limits.ConnectionsPerClient is { } connections)
        {
            writer.Directive("limit_conn", $"connections_per_client {Number(connections)}");
            writer.Directive("limit_conn_status", "429");
        }
    }

    private static bool HasLimits(NginxRequestLimits limits) => limits.RequestsPerSecond is not null || limits.ConnectionsPerClient is not null;
}

/// <summary>What nginx itself turns away, told as RFC 9457 problem details, as APIs tell their own errors.</summary>
internal static class ProblemDetailsRenderer
{
    /// <summary>nginx's own code for headers that do not fit; clients see 400.</summary>
    private const string HeadersTooLarge = "494";

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (!configuration.ProblemDetails)
        {
            return;
        }

        writer.Paragraph("Requests that nginx itself turns away, as problem details", "WithProblemDetails");
        var taken = configuration.ErrorPages.SelectMany(page => page.Codes).ToHashSet();
        foreach (var problem in Problems(configuration.Limits).Where(problem => !taken.Contains(problem.Status)))
        {
            var status = Number(problem.Status);
            // A path, not a named location: a request may be refused before nginx knows its URI, which a named location needs.
            var path = NginxConfiguration.ProblemsPath + status;
            writer.Directive("error_page", $"{problem.Codes} {path}");
            writer.Open($"location = {path}");
            writer.Directive("internal");
            writer.Directive("default_type", "application/problem+json");
            writer.Directive("return", $"{status} {Quote(problem.ToJson())}");
            writer.Close();
        }
    }

    private static IEnumerable<Problem> Problems(NginxRequestLimits limits) =>
    [
        new(400, "Bad Request", "The request is not valid HTTP, or its headers are too large.") { Codes = $"400 {HeadersTooLarge}" },
        new(413, "Payload Too Large", $"The body is larger than {Number(limits.MaxBodySize)} bytes."),
        new(414, "URI Too Long", "The request line is too long."),
        new(429, "Too Many Requests", "This client sends more requests, or holds more connections, than it may."),
    ];

    private sealed record Problem(int Status, string Title, string Detail)
    {
        /// <summary>The codes it is told for, as nginx counts them.</summary>
        public string Codes { get; init; } = Number(Status);

        // The texts are this class's own and need no escaping.
        public string ToJson() => $$"""{"type":"about:blank","title":"{{Title}}","status":{{Number(Status)}},"detail":"{{Detail}}"}""";
    }
}

/// <summary>The content types of static files; nginx itself knows only three.</summary>
internal static class MimeTypes
{
    private static readonly (string Type, string Extensions)[] Types =
    [
        ("application/javascript", "js mjs"),
        ("application/json", "json map"),
        ("application/manifest+json", "webmanifest"),
        ("application/pdf", "pdf"),
        ("application/wasm", "wasm"),
        ("application/xml", "xml"),
        ("application/zip", "zip"),
        ("audio/mpeg", "mp3"),
        ("font/ttf", "ttf"),
        ("font/woff", "woff"),
        ("font/woff2", "woff2"),
        ("image/avif", "avif"),
        ("image/gif", "gif"),
        ("image/jpeg", "jpeg jpg"),
        ("image/png", "png"),
        ("image/svg+xml", "svg"),
        ("image/webp", "webp"),
        ("image/x-icon", "ico"),
        ("text/css", "css"),
        ("text/csv", "csv"),
        ("text/html", "html htm"),
        ("text/markdown", "md"),
        ("text/plain", "txt"),
        ("video/mp4", "mp4"),
        ("video/webm", "webm"),
    ];

    public static void Write(NginxConfigWriter writer)
    {
        writer.Paragraph("Content types of static files", "WithStaticFiles");
        writer.Directives(("default_type", "application/octet-stream"), ("sendfile", "on"), ("tcp_nopush", "on"));
        writer.Open("types");
        writer.Directives(Types);
        writer.Close();
    }
}
