using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Turns a configuration into the text of an <c>nginx.conf</c>: the same input gives the same bytes.</summary>
internal static class NginxConfigRenderer
{
    /// <summary>
    /// After so many requests a connection is closed, which gives its memory back (<c>keepalive_requests</c>). nginx's own 1,000 closes a
    /// busy one every few seconds, and a new one costs a member as much as dozens of requests.
    /// </summary>
    internal const string RequestsPerConnection = "10000";

    /// <summary>From here on a reload need not close a client's idle connection under a request that is just arriving.</summary>
    private static readonly Version FirstWithKeepAliveMinimum = new(1, 27, 4);

    /// <summary>As long as a member may take to answer.</summary>
    private static readonly TimeSpan ShutdownOfContainer = TimeSpan.FromSeconds(60);

    public static string Render(NginxConfiguration configuration, NginxRunPaths paths, IReadOnlyList<NginxUpstream> upstreams) =>
        RenderWithOrigins(configuration, paths, upstreams).Text;

    public static RenderedConfiguration RenderWithOrigins(NginxConfiguration configuration, NginxRunPaths paths, IReadOnlyList<NginxUpstream> upstreams)
    {
        var writer = new NginxConfigWriter();
        WriteProcess(writer, configuration, paths);
        writer.Paragraph();
        writer.Open("http");
        WriteHttp(writer, configuration, paths);
        if (configuration.IsContainer)
        {
            SurroundingsRenderer.WriteHttp(writer);
        }

        TelemetryRenderer.WriteHttp(writer, configuration, paths);
        ProxyRenderer.WriteHttp(writer, configuration, upstreams);
        CorsRenderer.WriteHttp(writer, configuration.Cors);
        LimitsRenderer.WriteHttp(writer, configuration.Limits);
        SnippetRenderer.Write(writer, configuration, paths, NginxSnippetContext.Http);
        ServerRenderer.Write(writer, configuration, paths, upstreams);
        writer.Close();
        return writer.Finish();
    }

    private static void WriteProcess(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths)
    {
        writer.Paragraph("Written by Aspire.Hosting.Nginx from the AppHost's options; changes made here are overwritten.");
        (string Name, string Value)[] process = [("pid", Quote(paths.ProcessIdFile)), ("error_log", "stderr warn"), ("pcre_jit", "on")];
        writer.Directives(configuration.IsContainer ? process : [("daemon", "off"), ("master_process", "on"), .. process]);

        writer.Paragraph("Workers", "WithWorkers");
        if (configuration.Workers.User is { } user)
        {
            writer.Directive("user", configuration.Workers.Group is { } group ? $"{user} {group}" : user);
        }

        writer.Directive("worker_processes", configuration.Workers.Processes is { } processes ? Number(processes) : "auto");
        if (configuration.OpenFilesLimit is { } files)
        {
            writer.Directive("worker_rlimit_nofile", Number(files));
        }

        writer.Origin = "WithTimeouts";
        writer.Directive("worker_shutdown_timeout", Time(configuration.Timeouts.Shutdown ?? (configuration.IsContainer ? ShutdownOfContainer : configuration.Timeouts.Session)));
        writer.Origin = "WithWorkers";
        writer.Open("events");

        // Without multi_accept: a burst of new connections would all go to the worker that wakes first, and the others have none.
        writer.Directive("worker_connections", Number(configuration.Workers.Connections ?? WorkerSizing.DefaultConnections));
        writer.Close();
    }

    private static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths)
    {
        writer.Paragraph("What is said about this server, and where redirects lead");
        writer.Directives(("server_tokens", "off"), ("absolute_redirect", "off"), ("access_log", "off"));
        if (!configuration.StaticFiles.IsEmpty)
        {
            MimeTypes.Write(writer);
        }

        writer.Paragraph(configuration.IsContainer ? "Temporary files go where a container can write" : "Temporary files stay in the run folder");
        writer.Directives(
            ("client_body_temp_path", Quote($"{paths.TemporaryFolder}/body")),
            ("proxy_temp_path", Quote($"{paths.TemporaryFolder}/proxy")),
            ("fastcgi_temp_path", Quote($"{paths.TemporaryFolder}/fastcgi")),
            ("uwsgi_temp_path", Quote($"{paths.TemporaryFolder}/uwsgi")),
            ("scgi_temp_path", Quote($"{paths.TemporaryFolder}/scgi")));

        WriteClients(writer, configuration);
    }

    /// <summary>How long clients may take, and how much they may send.</summary>
    public static void WriteClients(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        var timeouts = configuration.Timeouts;
        writer.Paragraph("Slow and idle clients", "WithTimeouts");
        writer.Directives(
            ("client_header_timeout", Time(timeouts.ClientHeader)),
            ("client_body_timeout", Time(timeouts.ClientBody)),
            ("send_timeout", Time(timeouts.ClientSend)),
            ("keepalive_timeout", Time(timeouts.ClientKeepAlive)),
            ("keepalive_requests", RequestsPerConnection),
            ("reset_timedout_connection", "on"));
        if (configuration.Version >= FirstWithKeepAliveMinimum)
        {
            writer.Directive("keepalive_min_timeout", "1s");
        }

        var limits = configuration.Limits;
        writer.Paragraph("The largest request", "WithRequestLimits");
        writer.Directives(
            ("client_max_body_size", Size(limits.MaxBodySize)),
            ("client_body_buffer_size", Size(limits.BodyBufferSize)),
            ("large_client_header_buffers", $"{Number(limits.HeaderBuffers)} {Size(limits.MaxHeaderSize)}"));
    }
}

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

/// <summary>How many connections a worker gets, and how many files it may open for them.</summary>
/// <param name="Connections">For <c>worker_connections</c>.</param>
/// <param name="OpenFiles">For <c>worker_rlimit_nofile</c>.</param>
/// <param name="Warning">What the limit of open files does not allow, or null.</param>
internal sealed record WorkerSizing(int Connections, int OpenFiles, string? Warning)
{
    /// <summary>10,000 clients, each with a connection to a member, and some for health checks and idle ones.</summary>
    public const int DefaultConnections = 20_480;

    private const int ClientsExpected = 10_000;
    private const int FilesBesideConnections = 256;

    /// <summary>Fits the wish into the hard limit of open files per process.</summary>
    /// <param name="wanted">The connections the AppHost asked for, or null for the default.</param>
    /// <param name="workers">The number of worker processes.</param>
    /// <param name="hardLimit">The hard limit of open files, or null where there is none.</param>
    public static WorkerSizing Fit(int? wanted, int workers, long? hardLimit)
    {
        var connections = wanted ?? DefaultConnections;
        if (hardLimit is not { } limit || connections + FilesBesideConnections <= limit)
        {
            return new(connections, connections + FilesBesideConnections, null);
        }

        var fitting = (int)Math.Max(64, limit - FilesBesideConnections);
        var clients = Math.Min((long)fitting * workers / 2, int.MaxValue);
        var warning = wanted is not null
            ? $"WithWorkers asks for {wanted} connections per worker, but the hard limit of open files is {limit}: each worker gets {fitting}. Raise the limit (ulimit -Hn) to have them all."
            : clients < ClientsExpected
                ? $"The hard limit of open files is {limit}: nginx can carry about {clients} clients at once. Raise it (ulimit -Hn) to at least {DefaultConnections + FilesBesideConnections} for {ClientsExpected}."
                : null;
        return new(fitting, (int)Math.Min(limit, fitting + FilesBesideConnections), warning);
    }
}
