using System.Collections.Immutable;
using System.Net;
using Aspire.Hosting.Nginx.Configuration;
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
        TelemetryRenderer.WriteServer(writer, configuration, paths);
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
