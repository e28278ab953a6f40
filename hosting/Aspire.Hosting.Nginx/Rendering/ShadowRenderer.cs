using System.Globalization;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Copies of requests to a shadow target.</summary>
/// <remarks>
/// nginx answers no further request of a connection until the copies of the one before are done. So the copy goes to a server of this
/// nginx, on a socket of its own, which answers at once, and it is that server's copy that waits for the target.
/// </remarks>
internal static class ShadowRenderer
{
    private const string Origin = "WithShadow";

    /// <summary>The number of the route whose request is copied; empty where it is not.</summary>
    private const string Copied = "$shadow_of";

    private const string MainLog = "shadow_main";
    private const string CopyLog = "shadow_copy";
    private const string Zone = "shadows";
    private const string CopyLocation = "/-/copy";
    private const string NoErrorPage = "599 /";

    /// <summary>Whether a route's requests are copied: its target has a member now.</summary>
    public static bool IsShadowed(NginxRoute route, IReadOnlyList<NginxUpstream> upstreams) =>
        route.Shadow is { } shadow && UpstreamRenderer.Find(upstreams, shadow.Upstream) is not null;

    public static void WriteHttp(
        NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths, IReadOnlyList<NginxUpstream> upstreams)
    {
        var shadowed = configuration.Routes
            .Select(static (route, index) => route with { Number = index + 1 })
            .Where(route => IsShadowed(route, upstreams))
            .ToArray();
        if (shadowed.Length == 0)
        {
            return;
        }

        writer.Paragraph("Copies of requests: the route, the path and the id that a copy has in front of it", Origin);
        writer.Map("\"\"", Copied, ("default", "\"\""));
        writer.Map("$request_uri", "$shadow_uri", ("\"~^/[0-9a-f]{32}(?<shadow_rest>/.*)$\"", "$shadow_rest"));
        writer.Map("$request_uri", "$shadow_id", ("\"~^/(?<shadow_start>[0-9a-f]{32})/\"", "$shadow_start"));
        writer.Map("$request_uri", "$shadow_path", ("\"~^(?<shadow_cut>[^?]{0,1000})\"", "$shadow_cut"));
        writer.Map("$status", "$shadow_refused", ("503", "1"));
        writer.Directive("limit_conn_zone", $"$server_name zone={Zone}:64k");
        if (configuration.LogServer is not null)
        {
            writer.DirectiveOfLines(
                $"log_format {MainLog} escape=json",
                $"'{{\"side\":\"main\",\"id\":\"$request_id\",\"route\":\"{Copied}\",\"answer\":\"$status\",'",
                "'\"time\":\"$upstream_header_time\",'",
                "'\"length\":\"$upstream_http_content_length\",\"method\":\"$request_method\",\"path\":\"$shadow_path\"}'");
            writer.DirectiveOfLines(
                $"log_format {CopyLog} escape=json",
                "'{\"side\":\"copy\",\"id\":\"$shadow_id\",\"answer\":\"$status\",\"time\":\"$upstream_header_time\",'",
                "'\"length\":\"$upstream_http_content_length\"}'");
        }

        foreach (var route in shadowed)
        {
            WriteTarget(writer, configuration, paths, route, UpstreamRenderer.Find(upstreams, route.Shadow!.Upstream)!);
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (configuration.LogServer is { } server && configuration.Routes.Any(route => IsShadowed(route, upstreams)))
        {
            writer.Paragraph("What is compared with the answer of a shadow", Origin);
            writer.Directive("access_log", $"{TelemetryRenderer.TargetOf(server)} {MainLog} if={Copied}");
        }
    }

    /// <summary>Has the requests of a location copied.</summary>
    public static void WriteRoute(NginxConfigWriter writer, NginxRoute route, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (IsShadowed(route, upstreams))
        {
            writer.Open($"if ({VariableOf(route)})");
            writer.Directive("set", $"{Copied} {Number(route.Number)}");
            writer.Close();
            writer.Directive("mirror", LocationOf(route));
        }
    }

    /// <summary>The locations that send copies on to the servers for them.</summary>
    public static void WriteLocations(
        NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        foreach (var route in configuration.Routes.Where(route => IsShadowed(route, upstreams)))
        {
            writer.Paragraph($"Copies of requests to {route.Path}, which nginx takes at once", Origin);
            writer.Open($"location = {LocationOf(route)}");
            writer.Directive("internal");
            writer.Directive("error_log", "stderr emerg");
            // It replaces the retry of the server, which would send the copy to the route's own members.
            writer.Directive("error_page", NoErrorPage);
            writer.Open($"if ({Copied} = \"\")");
            writer.Directive("return", "204");
            writer.Close();
            writer.Directive("proxy_next_upstream", "off");
            writer.Directives(("proxy_connect_timeout", "1s"), ("proxy_send_timeout", "1s"), ("proxy_read_timeout", "1s"));
            writer.Directive("proxy_pass", $"http://{NameOf(route)}/$request_id{RouteRenderer.UriOf(configuration)}");
            writer.Close();
        }
    }

    private static void WriteTarget(
        NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths, NginxRoute route, NginxUpstream target)
    {
        var shadow = route.Shadow!;
        var timeout = Time(shadow.Options.Timeout);
        writer.Paragraph($"Copies of requests to {route.Path}, for {shadow.Upstream}", Origin);
        writer.Open($"split_clients \"$request_id shadow {route.Path}\" {VariableOf(route)}_share");
        writer.Directives((shadow.Options.Percent.ToString("0.##", CultureInfo.InvariantCulture) + "%", "1"), ("*", "\"\""));
        writer.Close();
        writer.Map(
            $"{VariableOf(route)}_share{UpstreamRenderer.MethodKind}",
            VariableOf(route),
            (shadow.Options.UnsafeMethods ? "\"~^1\"" : $"1{UpstreamRenderer.Idempotent}", "1"));
        writer.Open($"upstream {NameOf(route)}");
        writer.Directive("server", $"{Quote($"unix:{paths.ShadowSocket(route.Number)}")} max_fails=0");
        writer.Close();
        writer.Open("server");
        writer.Directive("listen", Quote($"unix:{paths.ShadowSocket(route.Number)}"));
        writer.Directive("server_name", NameOf(route));
        writer.Directive("error_log", "stderr emerg");
        writer.Directives(("client_max_body_size", "0"), ("keepalive_timeout", "0"));
        writer.Directive("limit_conn", $"{Zone} {Number(shadow.Options.Requests)}");
        WriteLog(writer, configuration, " if=$shadow_refused");
        writer.Open("location /");
        writer.Directive("mirror", CopyLocation);
        writer.Directive("empty_gif");
        writer.Close();
        writer.Open($"location = {CopyLocation}");
        writer.Directive("internal");
        WriteLog(writer, configuration, "");
        writer.Directive("log_subrequest", "on");
        writer.Directive("proxy_http_version", "1.1");
        writer.Directives(("proxy_set_header Host", "$http_host"), ("proxy_set_header Connection", "\"\""));
        writer.Directive("proxy_ignore_client_abort", "on");
        writer.Directive("proxy_next_upstream_tries", Number(configuration.Upstream.Tries));
        writer.Directives(
            ("proxy_connect_timeout", Time(configuration.Timeouts.ProxyConnect)),
            ("proxy_send_timeout", timeout),
            ("proxy_read_timeout", timeout));
        writer.Directive("proxy_buffer_size", Size(configuration.Upstream.MaxResponseHeaderSize));
        writer.Directive("proxy_buffers", $"8 {Size(Math.Max(16 * 1024, configuration.Upstream.MaxResponseHeaderSize))}");
        writer.Directive("proxy_pass", $"{target.Scheme}://{target.Name}$shadow_uri");
        writer.Close();
        writer.Close();
    }

    private static void WriteLog(NginxConfigWriter writer, NginxConfiguration configuration, string condition) => writer.Directive(
        "access_log", configuration.LogServer is { } server ? $"{TelemetryRenderer.TargetOf(server)} {CopyLog}{condition}" : "off");

    private static string NameOf(NginxRoute route) => $"shadow_{Number(route.Number)}";

    private static string VariableOf(NginxRoute route) => $"$shadow_{Number(route.Number)}";

    private static string LocationOf(NginxRoute route) => $"{NginxConfiguration.OwnPath}shadow/{Number(route.Number)}";
}
