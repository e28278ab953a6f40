using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>
/// Turns a configuration into a site: a file that an nginx with an <c>nginx.conf</c> of its own includes in its <c>http</c> block, such
/// as those in Debian's <c>sites-enabled</c>. What would change other sites stands in the <c>server</c> block.
/// </summary>
internal static class NginxSiteRenderer
{
    /// <param name="configuration">What was asked for; its workers belong to whoever owns <c>nginx.conf</c>.</param>
    /// <param name="paths">Where error pages and snippets are.</param>
    /// <param name="upstreams">Who answers.</param>
    public static string Render(NginxConfiguration configuration, NginxRunPaths paths, IReadOnlyList<NginxUpstream> upstreams)
    {
        var writer = new NginxConfigWriter();
        writer.Paragraph("Written by Aspire.Hosting.Nginx from the AppHost's options; publish again to change it.");
        TelemetryRenderer.WriteHttp(writer, configuration, paths);
        if (!configuration.Routes.IsEmpty)
        {
            ProxyRenderer.WriteMaps(writer);
            ProxyRenderer.WriteUpstreams(writer, configuration, upstreams);
        }

        CorsRenderer.WriteHttp(writer, configuration.Cors);
        LimitsRenderer.WriteHttp(writer, configuration.Limits);
        SnippetRenderer.Write(writer, configuration, paths, NginxSnippetContext.Http);
        ServerRenderer.Write(writer, configuration, paths, upstreams, () => WriteSettings(writer, configuration, upstreams));
        return writer.Finish().Text;
    }

    private static void WriteSettings(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        writer.Paragraph("What is said about this server, and where redirects lead");
        writer.Directives(("server_tokens", "off"), ("absolute_redirect", "off"));
        NginxConfigRenderer.WriteClients(writer, configuration);
        if (!configuration.Routes.IsEmpty)
        {
            ProxyRenderer.WritePassing(writer, configuration, upstreams);
        }
    }
}
