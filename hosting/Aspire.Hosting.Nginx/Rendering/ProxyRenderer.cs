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

    /// <summary>The host name that the members of an upstream are asked for.</summary>
    private const string UpstreamHost = "$upstream_host";

    /// <summary>The way of requests that the location of their route does not pass on itself.</summary>
    private const string Detour = "$detour";
    private const string Sessions = "sessions";
    private const string Once = "once";
    private const int SmallestBuffer = 16 * 1024;
    private const string InvalidHost = "invalid";

    private static readonly string[] UsualMethods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>The first version with <c>$request_port</c>, which is checked and has one source.</summary>
    private static readonly Version FirstWithRequestPort = new(1, 29, 3);

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (!configuration.IsProxy)
        {
            return;
        }

        if (!HasRequestPort(configuration))
        {
            WritePort(writer);
        }

        writer.Paragraph("Connection header to members: \"upgrade\" for a WebSocket, else empty, which keeps the connection open", Origin);
        writer.Map("$http_upgrade", "$websocket", ("websocket", "websocket"));
        writer.Map("$websocket", "$upstream_connection", ("websocket", "upgrade"));
        if (UpstreamRenderer.HasSeveralMembers(configuration, upstreams))
        {
            WriteDetours(writer);
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (configuration.IsProxy)
        {
            var headers = Headers(configuration, HasHosts(configuration, upstreams));
            WriteHeaders(writer, headers, HasHosts(configuration, upstreams));
            TelemetryRenderer.WriteHeaders(writer, configuration);
            WriteBehaviour(writer, configuration);
            if (GrpcRenderer.IsUsed(configuration, upstreams))
            {
                var own = headers.Where(static header => header.Name is not ("Upgrade" or "Connection"));
                GrpcRenderer.WriteServer(writer, configuration, [.. own, .. TelemetryRenderer.Headers(configuration)]);
            }
        }
    }

    /// <summary>The locations that <c>$detour</c> leads to.</summary>
    public static void WriteDetourLocations(
        NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        // A route with directives of its own has them on its detours too.
        var detours = Passed(configuration, upstreams)
            .Where(static upstream => !upstream.IsHttp2)
            .SelectMany(upstream => configuration.Routes
                .Where(route => route.Upstreams.Contains(upstream.Name))
                .Select(route => (Upstream: upstream, Route: route.Snippet is null ? null : route))
                .Distinct());
        foreach (var (upstream, route) in detours)
        {
            writer.Paragraph($"WebSockets and event streams to {upstream.Name}, which may be idle longer than a response", "WithTimeouts");
            writer.Open($"location = {DetourPath(Sessions, upstream, route)}");
            writer.Directive("internal");
            WriteUnlessGiven(writer, route, "proxy_read_timeout", Time(configuration.Timeouts.Session));
            WriteUnlessGiven(writer, route, "proxy_send_timeout", Time(configuration.Timeouts.Session));
            WriteUnlessGiven(writer, route, "proxy_buffering", "off");
            WriteDetourPass(writer, configuration, upstream, route);
            if (UpstreamRenderer.HasSeveralMembers(configuration, upstreams))
            {
                writer.Paragraph($"Methods to {upstream.Name} that are sent to one member only", "WithUpstream");
                writer.Open($"location = {DetourPath(Once, upstream, route)}");
                writer.Directive("internal");
                writer.Directive("proxy_next_upstream", "off");
                WriteDetourPass(writer, configuration, upstream, route);
            }
        }
    }

    private static void WriteDetourPass(
        NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream, NginxRoute? route)
    {
        WriteVerification(writer, configuration, upstream);
        writer.Directive("proxy_pass", $"{AddressOf(configuration, upstream)}{RouteRenderer.UriOf(configuration)}");
        if (route is not null)
        {
            SnippetRenderer.WriteLocation(writer, route);
        }

        writer.Close();
    }

    /// <param name="writer">The configuration.</param>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="route">The route.</param>
    /// <param name="upstream">Where its requests go.</param>
    /// <param name="upstreams">All upstreams.</param>
    /// <param name="isInternal">Whether the location has another name than the path of the request.</param>
    public static void WritePass(
        NginxConfigWriter writer,
        NginxConfiguration configuration,
        NginxRoute route,
        NginxUpstream upstream,
        IReadOnlyList<NginxUpstream> upstreams,
        bool isInternal)
    {
        UpstreamRenderer.WriteRetryOf(writer, configuration, upstream);
        StickyRenderer.WriteRoute(writer, configuration, upstream);
        if (HasHosts(configuration, upstreams))
        {
            var host = route.HasOriginalHost ? ClientHost(configuration) : HostOf(configuration, upstream);
            writer.Directive("set", $"{UpstreamHost} \"{host}\"");
        }

        if (!HasRequestPort(configuration))
        {
            writer.Open($"if ($host_port = {InvalidHost})");
            writer.Directive("return", "400");
            writer.Close();
        }

        if (upstream.IsHttp2)
        {
            GrpcRenderer.WritePass(writer, configuration, upstream);
            return;
        }

        var (test, way) = UpstreamRenderer.HasSeveralMembers(configuration, upstreams) ? (Detour, Detour) : ("$websocket", Sessions);
        WriteDetour(writer, test, way, upstream, route);

        // For every request a comparison costs less than a map of a header that may be long.
        WriteDetour(writer, "$http_accept = text/event-stream", Sessions, upstream, route);
        ShadowRenderer.WriteRoute(writer, route, upstreams);
        if (!route.Options.RequestBuffering)
        {
            WriteUnlessGiven(writer, route, "proxy_request_buffering", "off");
        }

        if (!route.Options.ResponseBuffering)
        {
            WriteUnlessGiven(writer, route, "proxy_buffering", "off");
        }

        WriteVerification(writer, configuration, upstream);
        var uri = isInternal || route.ChangesPath ? RouteRenderer.UriOf(configuration) : "";
        writer.Directive("proxy_pass", $"{AddressOf(configuration, upstream)}{uri}");
    }

    private static void WriteUnlessGiven(NginxConfigWriter writer, NginxRoute? route, string name, string value)
    {
        if (!LocationSnippet.Has(route?.Snippet, name))
        {
            writer.Directive(name, value);
        }
    }

    private static string AddressOf(NginxConfiguration configuration, NginxUpstream upstream) =>
        $"{upstream.Scheme}://{StickyRenderer.NameOf(configuration, upstream)}";

    private static void WriteDetour(NginxConfigWriter writer, string test, string way, NginxUpstream upstream, NginxRoute route) =>
        RouteRenderer.WriteChange(writer, test, DetourPath(way, upstream, route));

    private static string DetourPath(string way, NginxUpstream upstream, NginxRoute? route) =>
        $"{NginxConfiguration.OwnPath}{way}/{upstream.Name}{(route?.Snippet is null ? "" : $"/{Number(route.Number)}")}";

    /// <summary>The host as the client wrote it.</summary>
    private static string ClientHost(NginxConfiguration configuration) =>
        HasRequestPort(configuration) ? "$host$is_request_port$request_port" : "$host$host_port";

    private static bool HasRequestPort(NginxConfiguration configuration) => configuration.Version >= FirstWithRequestPort;

    private static void WritePort(NginxConfigWriter writer)
    {
        writer.Paragraph("The port that $host does not have: of the Host header, or of the request line if it has the host", Origin);
        writer.Map(
            "\"$http_host $request\"",
            "$host_port",
            ("\"~*^(?:[^][:@/?# ]+|\\[[0-9a-f:.]+\\])?(?:(?<written_port>:[0-9]{1,5})|:?) [^ ]+ [/*]\"", "$written_port"),
            ("\"~*^[^ ]* [^ ]+ [a-z]+://[^/?# ]*?(?<target_port>:[0-9]+)?(?:[/?# ]|$)\"", "$target_port"),
            ("default", InvalidHost));
    }

    /// <remarks>The methods that most requests have stand in the first map, so that one look-up is enough for them.</remarks>
    private static void WriteDetours(NginxConfigWriter writer)
    {
        writer.Paragraph("Requests that take another way than that of their path.", Origin);
        writer.Comment("By itself, nginx sends every method but POST, PATCH and LOCK again after a member has received it.");
        writer.Map(
            "\"$request_method:$http_upgrade\"",
            Detour,
            [
                .. UsualMethods.Select(static method => ($"{method}:", "\"\"")),
                ("GET:websocket", Sessions),
                ("default", "$detour_of_method"),
            ]);
        writer.Map(UpstreamRenderer.MethodKind, "$detour_of_method", (UpstreamRenderer.Other, Once));
    }

    /// <summary>Whether members are asked for a host that is not the client's.</summary>
    private static bool HasHosts(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) =>
        Passed(configuration, upstreams).Any(upstream => configuration.IsContainer || upstream.Host is not null);

    /// <summary>The upstreams to which requests are passed now.</summary>
    private static IEnumerable<NginxUpstream> Passed(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) => upstreams
        .Where(upstream => !upstream.Members.IsEmpty && configuration.Routes.Any(route => route.Upstreams.Contains(upstream.Name)))
        .OrderBy(static upstream => upstream.Name, StringComparer.Ordinal);

    private static string HostOf(NginxConfiguration configuration, NginxUpstream upstream) => upstream.Host
        ?? (configuration.IsContainer ? NginxVariables.Placeholder(NginxVariables.HostOf(upstream.Name)) : ClientHost(configuration));

    /// <summary>Verifies the certificate of a service outside the application; resources have developers' certificates.</summary>
    private static void WriteVerification(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        if (upstream is { Host: not null, Scheme: "https" } && configuration.CertificateAuthorities is { } authorities)
        {
            writer.Directive("proxy_ssl_verify", "on");
            writer.Directive("proxy_ssl_verify_depth", "4");
            writer.Directive("proxy_ssl_trusted_certificate", Quote(authorities));
        }

        if (upstream is { Host: { } host, Scheme: "https" } && configuration.Routes.Any(static route => route.HasOriginalHost))
        {
            writer.Directive("proxy_ssl_name", host.Split(':')[0]);
        }
    }

    private static (string Name, string Value)[] Headers(NginxConfiguration configuration, bool hasHosts) =>
    [
        ("Host", hasHosts ? UpstreamHost : ClientHost(configuration)),
        ("Upgrade", "$websocket"),
        ("Connection", "$upstream_connection"),
        ("X-Real-IP", "$remote_addr"),
        ("X-Forwarded-For", "$remote_addr"),
        ("X-Forwarded-Proto", ClientRenderer.SchemeOf(configuration)),
        // Where Host is the client's, members need no second header for it.
        ("X-Forwarded-Host", hasHosts ? ClientHost(configuration) : "\"\""),
        ("X-Forwarded-Port", "\"\""),
        ("X-Forwarded-Prefix", RouteRenderer.PrefixOf(configuration)),
        ("X-Forwarded-Server", "\"\""),
        ("X-Original-For", "\"\""),
        ("X-Original-Host", "\"\""),
        ("X-Original-Proto", "\"\""),
        ("X-Original-Prefix", "\"\""),
        ("Forwarded", "\"\""),
        ("Proxy", "\"\""),
    ];

    private static void WriteHeaders(NginxConfigWriter writer, (string Name, string Value)[] headers, bool hasHosts)
    {
        writer.Paragraph("Request headers to upstreams. Forwarding headers sent by the client are replaced or removed.", Origin);
        writer.Directive("proxy_http_version", "1.1");
        writer.Directives([.. headers.Select(static header => ($"proxy_set_header {header.Name}", header.Value))]);
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

        writer.Paragraph(
            "A failed request goes to the next member, unless one has received it and it may not be sent twice", "WithUpstream");
        writer.Directives(
            ("proxy_next_upstream", "error timeout"),
            ("proxy_next_upstream_tries", Number(configuration.Upstream.Tries)),
            ("proxy_next_upstream_timeout", Time(configuration.Upstream.TriesTimeout)));

        // nginx wants 7 of the 8 buffers to be larger than the headers.
        var headers = configuration.Upstream.MaxResponseHeaderSize;
        var part = Math.Max(SmallestBuffer, headers / 4);
        writer.Paragraph("Buffers, so that slow clients do not occupy members. Error responses of members are passed on.", Origin);
        writer.Directives(
            ("proxy_request_buffering", "on"),
            ("proxy_buffering", "on"),
            ("proxy_buffer_size", Size(headers)),
            ("proxy_buffers", $"8 {Size(part)}"),
            ("proxy_busy_buffers_size", Size(Math.Max(headers, 2 * part))),
            ("proxy_max_temp_file_size", Size(configuration.Upstream.MaxResponseFileSize)),
            ("proxy_intercept_errors", "off"));
    }
}
