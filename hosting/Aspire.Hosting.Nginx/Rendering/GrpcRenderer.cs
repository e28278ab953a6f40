using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>How requests are passed to upstreams that speak HTTP/2, which gRPC needs.</summary>
/// <remarks>
/// A stream may be open for hours, and nginx passes each part of it at once in both directions, so that the limits of a body do not hold.
/// A call is sent to another member only while none has received it: nginx keeps nothing of it.
/// </remarks>
internal static class GrpcRenderer
{
    /// <summary>1 = its body is passed on as a stream, and fills no temporary file.</summary>
    public const string IsStreamed = "$is_streamed";

    private const string Origin = "WithReverseProxy";

    /// <summary>Whether a configuration has such upstreams.</summary>
    public static bool IsUsed(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) =>
        upstreams.Any(upstream => upstream.IsHttp2 && configuration.Routes.Any(route => route.Upstreams.Contains(upstream.Name)));

    public static void WriteServer(
        NginxConfigWriter writer, NginxConfiguration configuration, (string Name, string Value)[] headers)
    {
        writer.Paragraph("gRPC: the same headers, and times as long as a stream may be idle", Origin);
        writer.Directives([.. headers.Select(static header => ($"grpc_set_header {header.Name}", header.Value))]);
        var session = Time(configuration.Timeouts.Session);
        writer.Directives(
            ("grpc_connect_timeout", Time(configuration.Timeouts.ProxyConnect)),
            ("grpc_read_timeout", session),
            ("grpc_send_timeout", session),
            ("grpc_buffer_size", Size(configuration.Upstream.MaxResponseHeaderSize)),
            ("grpc_next_upstream", "error timeout"),
            ("grpc_next_upstream_timeout", Time(configuration.Upstream.TriesTimeout)),
            ("set", $"{IsStreamed} \"\""));
    }

    /// <summary>What the location of a route has.</summary>
    public static void WritePass(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        writer.Directive("set", $"{IsStreamed} 1");
        writer.Directive("client_max_body_size", "0");
        writer.Directive("client_body_timeout", Time(configuration.Timeouts.Session));
        writer.Directive("grpc_pass", $"{(upstream.Scheme == "https" ? "grpcs" : "grpc")}://{upstream.Name}");
    }
}
