using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>How requests are passed to upstreams.</summary>
/// <remarks>
/// Lists of directives such as <c>proxy_set_header</c> stand in the server block, where snippets may add to them: nginx takes such a list
/// from the innermost block that has a line of it.
/// </remarks>
internal static class ProxyRenderer
{
    private const string Origin = "WithReverseProxy";

    /// <summary>The host as the client wrote it.</summary>
    private const string ClientHost = "$host$host_port";

    /// <summary>The host name that the members of an upstream are asked for.</summary>
    private const string UpstreamHost = "$upstream_host";

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.Routes.IsEmpty)
        {
            return;
        }

        writer.Paragraph("The port in the Host header, which $host does not have", Origin);
        writer.Map("$http_host", "$host_port", ("\"~(?<written_port>:[0-9]+)$\"", "$written_port"));

        writer.Paragraph("Connection header to members: \"upgrade\" for a WebSocket, else empty, which keeps the connection open", Origin);
        writer.Map("$http_upgrade", "$websocket", ("websocket", "websocket"));
        writer.Map("$websocket", "$upstream_connection", ("websocket", "upgrade"));
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (!configuration.Routes.IsEmpty)
        {
            WriteHeaders(writer, configuration.IsContainer, HasHosts(configuration, upstreams));
            TelemetryRenderer.WriteHeaders(writer, configuration);
            WriteBehaviour(writer, configuration);
        }
    }

    public static void WriteLocations(
        NginxConfigWriter writer, NginxConfiguration configuration, NginxRoute route, IReadOnlyList<NginxUpstream> upstreams)
    {
        var upstream = upstreams.FirstOrDefault(upstream => upstream.Name == route.Upstream && !upstream.Members.IsEmpty);
        writer.Paragraph($"{route.Path} is passed to {route.Upstream}{(upstream is null ? ", which has no members now" : "")}", Origin);
        foreach (var location in LocationsFor(route.Path))
        {
            writer.Open(location);
            TelemetryRenderer.WriteRoute(writer, configuration, route.Path);
            if (upstream is null)
            {
                writer.Directive("return", Number(UpstreamRenderer.BadGateway));
            }
            else
            {
                WritePass(writer, configuration, upstream, HasHosts(configuration, upstreams));
            }

            writer.Close();
        }
    }

    /// <summary>The locations of WebSockets: one may be silent for longer than a response may take.</summary>
    public static void WriteSessions(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        var used = configuration.Routes.Select(static route => route.Upstream).ToHashSet(StringComparer.Ordinal);
        foreach (var upstream in upstreams
            .Where(upstream => !upstream.Members.IsEmpty && used.Contains(upstream.Name))
            .OrderBy(static upstream => upstream.Name, StringComparer.Ordinal))
        {
            writer.Paragraph($"WebSockets to {upstream.Name}, which may be idle for longer than a response may take", "WithTimeouts");
            writer.Open($"location = {SessionPath(upstream)}");
            writer.Directive("internal");
            writer.Directive("proxy_read_timeout", Time(configuration.Timeouts.Session));
            writer.Directive("proxy_send_timeout", Time(configuration.Timeouts.Session));
            WriteVerification(writer, configuration, upstream);
            writer.Directive("proxy_pass", $"{upstream.Scheme}://{upstream.Name}$request_uri");
            writer.Close();
        }
    }

    private static void WritePass(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream, bool hasHosts)
    {
        UpstreamRenderer.WriteRetryOf(writer, configuration, upstream);
        if (hasHosts)
        {
            writer.Directive("set", $"{UpstreamHost} \"{HostOf(configuration, upstream)}\"");
        }

        writer.Open("if ($websocket)");
        writer.Directive("rewrite", $"^ {SessionPath(upstream)} last");
        writer.Close();
        WriteVerification(writer, configuration, upstream);
        writer.Directive("proxy_pass", $"{upstream.Scheme}://{upstream.Name}");
    }

    private static string SessionPath(NginxUpstream upstream) => $"{NginxConfiguration.SessionsPath}{upstream.Name}";

    /// <summary>Whether members are asked for a host that is not the client's.</summary>
    private static bool HasHosts(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) =>
        configuration.IsContainer || upstreams.Any(static upstream => upstream.Host is not null);

    private static string HostOf(NginxConfiguration configuration, NginxUpstream upstream) => upstream.Host
        ?? (configuration.IsContainer ? NginxVariables.Placeholder(NginxVariables.HostOf(upstream.Name)) : ClientHost);

    /// <summary>Verifies the certificate of a service outside the application; resources have developers' certificates.</summary>
    private static void WriteVerification(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        if (upstream is { Host: not null, Scheme: "https" } && configuration.CertificateAuthorities is { } authorities)
        {
            writer.Directive("proxy_ssl_verify", "on");
            writer.Directive("proxy_ssl_verify_depth", "4");
            writer.Directive("proxy_ssl_trusted_certificate", Quote(authorities));
        }
    }

    /// <summary>A path is for itself and what is below it, but not for longer names: /api is not /apis.</summary>
    private static string[] LocationsFor(string path) =>
        path.EndsWith('/') ? [$"location {Quote(path)}"] : [$"location = {Quote(path)}", $"location {Quote(path + "/")}"];

    private static void WriteHeaders(NginxConfigWriter writer, bool isContainer, bool hasHosts)
    {
        writer.Paragraph("Request headers to upstreams. Forwarding headers sent by the client are replaced or removed.", Origin);
        writer.Directive("proxy_http_version", "1.1");
        writer.Directives(
            ("proxy_set_header Host", hasHosts ? UpstreamHost : ClientHost),
            ("proxy_set_header Upgrade", "$websocket"),
            ("proxy_set_header Connection", "$upstream_connection"),
            ("proxy_set_header X-Real-IP", "$remote_addr"),
            ("proxy_set_header X-Forwarded-For", "$remote_addr"),
            ("proxy_set_header X-Forwarded-Proto", isContainer ? ContainerRenderer.ClientScheme : "$scheme"),
            // Where Host is the client's, members need no second header for it.
            ("proxy_set_header X-Forwarded-Host", hasHosts ? ClientHost : "\"\""),
            ("proxy_set_header X-Forwarded-Port", "\"\""),
            ("proxy_set_header X-Forwarded-Prefix", "\"\""),
            ("proxy_set_header X-Forwarded-Server", "\"\""),
            ("proxy_set_header X-Original-For", "\"\""),
            ("proxy_set_header X-Original-Host", "\"\""),
            ("proxy_set_header X-Original-Proto", "\"\""),
            ("proxy_set_header X-Original-Prefix", "\"\""),
            ("proxy_set_header Forwarded", "\"\""),
            ("proxy_set_header Proxy", "\"\""));
        if (hasHosts)
        {
            writer.Directives(("proxy_ssl_server_name", "on"), ("proxy_ssl_name", UpstreamHost));
        }
    }

    private static void WriteBehaviour(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        var timeouts = configuration.Timeouts;
        writer.Paragraph("Timeouts of upstreams", "WithTimeouts");
        writer.Directives(
            ("proxy_connect_timeout", Time(timeouts.ProxyConnect)),
            ("proxy_send_timeout", Time(timeouts.ProxySend)),
            ("proxy_read_timeout", Time(timeouts.ProxyRead)));

        writer.Paragraph("A failed request goes to the next member, unless a member has received a POST, LOCK or PATCH", "WithUpstream");
        writer.Directives(
            ("proxy_next_upstream", "error timeout"),
            ("proxy_next_upstream_tries", Number(configuration.Upstream.Tries)),
            ("proxy_next_upstream_timeout", Time(configuration.Upstream.TriesTimeout)));

        writer.Paragraph("Buffers, so that slow clients do not occupy members. Error responses of members are passed on.", Origin);
        writer.Directives(
            ("proxy_request_buffering", "on"),
            ("proxy_buffering", "on"),
            ("proxy_buffer_size", "16k"),
            ("proxy_buffers", "8 16k"),
            ("proxy_intercept_errors", "off"));
    }
}
