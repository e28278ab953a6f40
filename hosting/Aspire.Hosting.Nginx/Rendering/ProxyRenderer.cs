using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Publishing;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Upstreams, and how requests are passed to them.</summary>
internal static class ProxyRenderer
{
    private const string SecondRound = "@second_round";
    private const string SecondRoundSuffix = "_second_round";
    private const string NoSecondRound = "$no_second_round";

    /// <summary>The host as the client wrote it.</summary>
    private const string ClientHost = "$host$host_port";

    /// <summary>A status that nothing here ever has.</summary>
    private const int NeverHappens = 599;

    /// <summary>nginx's own answer when no member could be asked.</summary>
    public const int NobodyAsked = 502;

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (configuration.Routes.IsEmpty)
        {
            return;
        }

        WriteMaps(writer);
        WritePassing(writer, configuration, upstreams);
        WriteUpstreams(writer, configuration, upstreams);
    }

    /// <summary>What requests carry on their way to a member, and what becomes of them when it fails.</summary>
    public static void WritePassing(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        WriteHeaders(writer, configuration.IsContainer, HasHosts(configuration, upstreams));
        TelemetryRenderer.WriteHeaders(writer, configuration);
        WriteBehaviour(writer, configuration);
    }

    public static void WriteUpstreams(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (HasSecondRound(configuration, upstreams))
        {
            WriteWhoHasNoSecondRound(writer, configuration.Upstream.Tries);
        }

        foreach (var upstream in upstreams.Where(upstream => !upstream.Members.IsEmpty).OrderBy(upstream => upstream.Name, StringComparer.Ordinal))
        {
            WriteUpstream(writer, configuration, upstream);
            if (HasSecondRound(upstream))
            {
                WriteSecondRoundUpstream(writer, upstream);
            }
        }
    }

    /// <summary>Whether a request whose tries were used up by members that are down may be tried on all of them.</summary>
    public static bool HasSecondRound(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) =>
        upstreams.Any(upstream => HasSecondRound(upstream) && configuration.Routes.Any(route => route.Upstream == upstream.Name));

    /// <summary>
    /// Members that are down use up the tries of a request, and nginx takes one for down some time longer than it is. A request
    /// that was sent to nobody may go to whoever there is, whatever its method, and one that may be repeated also when those it was
    /// sent to did not live to answer it.
    /// </summary>
    /// <param name="writer">The configuration.</param>
    /// <param name="writeErrorPages">Writes the error pages anew: nginx inherits either all of them or none.</param>
    public static void WriteSecondRound(NginxConfigWriter writer, Action writeErrorPages)
    {
        writer.Paragraph("Whose tries were used up by members that are down asks every member, also those taken for down", "WithUpstream");
        writer.Directive("set", "$second_round \"\"");
        writer.Directive("recursive_error_pages", "on");
        writer.Directive("error_page", $"{Number(NobodyAsked)} = {SecondRound}");
        writer.Open($"location {SecondRound}");
        // Without one of its own it would inherit the one that leads here, and never end.
        writer.Directive("error_page", $"{Number(NeverHappens)} /");
        writeErrorPages();
        // The first round has told who is down, and this one would tell it again for every request.
        writer.Directive("error_log", "stderr emerg");
        writer.Open($"if ({NoSecondRound})");
        writer.Directive("return", Number(NobodyAsked));
        writer.Close();
        writer.Open("if ($second_round = \"\")");
        writer.Directive("return", Number(NobodyAsked));
        writer.Close();
        writer.Directive("proxy_next_upstream_tries", "0");
        writer.Directive("proxy_pass", "$second_round");
        writer.Close();
    }

    public static void WriteLocations(NginxConfigWriter writer, NginxConfiguration configuration, NginxRoute route, IReadOnlyList<NginxUpstream> upstreams)
    {
        var upstream = upstreams.FirstOrDefault(upstream => upstream.Name == route.Upstream && !upstream.Members.IsEmpty);
        writer.Paragraph(
            upstream is null ? $"{route.Path} is for {route.Upstream}, of which nothing is ready" : $"{route.Path} is answered by {route.Upstream}",
            "WithReverseProxy");
        foreach (var location in LocationsFor(route.Path))
        {
            writer.Open(location);
            TelemetryRenderer.WriteRoute(writer, configuration, route.Path);
            if (upstream is null)
            {
                writer.Directive("return", "502");
            }
            else
            {
                if (HasSecondRound(upstream))
                {
                    writer.Directive("set", $"$second_round {upstream.Scheme}://{upstream.Name}{SecondRoundSuffix}");
                }

                if (HasHosts(configuration, upstreams))
                {
                    SurroundingsRenderer.WriteLocation(writer, HostOf(configuration, upstream));
                }

                writer.Open("if ($websocket)");
                writer.Directive("rewrite", $"^ {SessionPath(upstream)} last");
                writer.Close();
                WriteVerification(writer, configuration, upstream);
                writer.Directive("proxy_pass", $"{upstream.Scheme}://{upstream.Name}");
            }

            writer.Close();
        }
    }

    /// <summary>A WebSocket may be silent for longer than a request may take; it lives until one side ends it.</summary>
    public static void WriteSessions(NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        foreach (var upstream in upstreams.Where(upstream => !upstream.Members.IsEmpty && configuration.Routes.Any(route => route.Upstream == upstream.Name)).OrderBy(upstream => upstream.Name, StringComparer.Ordinal))
        {
            writer.Paragraph($"WebSockets to {upstream.Name} stay open while nothing is sent", "WithTimeouts");
            writer.Open($"location = {SessionPath(upstream)}");
            writer.Directive("internal");
            writer.Directive("proxy_read_timeout", Time(configuration.Timeouts.Session));
            writer.Directive("proxy_send_timeout", Time(configuration.Timeouts.Session));
            WriteVerification(writer, configuration, upstream);
            writer.Directive("proxy_pass", $"{upstream.Scheme}://{upstream.Name}$request_uri");
            writer.Close();
        }
    }

    private static string SessionPath(NginxUpstream upstream) => $"{NginxConfiguration.SessionsPath}{upstream.Name}";

    /// <summary>Whether members are asked for a host that is not the client's.</summary>
    private static bool HasHosts(NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams) =>
        configuration.IsContainer || upstreams.Any(static upstream => upstream.Host is not null);

    private static string HostOf(NginxConfiguration configuration, NginxUpstream upstream) =>
        upstream.Host ?? (configuration.IsContainer ? NginxVariables.Placeholder(NginxVariables.HostOf(upstream.Name)) : ClientHost);

    /// <summary>A service outside must prove who it is; what runs here shows a certificate of a developer.</summary>
    private static void WriteVerification(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        if (upstream is { Host: not null, Scheme: "https" } && configuration.CertificateAuthorities is { } authorities)
        {
            writer.Directive("proxy_ssl_verify", "on");
            writer.Directive("proxy_ssl_verify_depth", "4");
            writer.Directive("proxy_ssl_trusted_certificate", Quote(authorities));
        }
    }

    /// <summary>A path covers itself and what is below it, but not its longer namesakes: /api is not /apis.</summary>
    private static string[] LocationsFor(string path) =>
        path.EndsWith('/') ? [$"location {Quote(path)}"] : [$"location = {Quote(path)}", $"location {Quote(path + "/")}"];

    public static void WriteMaps(NginxConfigWriter writer)
    {
        writer.Paragraph("The port a client wrote in Host, which $host leaves out", "WithReverseProxy");
        writer.Open("map $http_host $host_port");
        writer.Directive("\"~(?<written_port>:[0-9]+)$\"", "$written_port");
        writer.Close();

        writer.Paragraph("Only WebSockets may leave HTTP; every other connection to a member is kept and used again", "WithReverseProxy");
        writer.Open("map $http_upgrade $websocket");
        writer.Directive("websocket", "websocket");
        writer.Close();
        writer.Open("map $websocket $connection_to_member");
        writer.Directive("websocket", "upgrade");
        writer.Close();
    }

    private static void WriteHeaders(NginxConfigWriter writer, bool isContainer, bool hasHosts)
    {
        writer.Paragraph("Members learn who the client is from nginx alone: what a client claims is replaced or dropped", "WithReverseProxy");
        writer.Directive("proxy_http_version", "1.1");
        writer.Directives(
            ("proxy_set_header Host", hasHosts ? SurroundingsRenderer.MemberHost : ClientHost),
            ("proxy_set_header Upgrade", "$websocket"),
            ("proxy_set_header Connection", "$connection_to_member"),
            ("proxy_set_header X-Real-IP", "$remote_addr"),
            ("proxy_set_header X-Forwarded-For", "$remote_addr"),
            ("proxy_set_header X-Forwarded-Proto", isContainer ? SurroundingsRenderer.ClientScheme : "$scheme"),
            // Where members get the client's Host itself, saying it twice would only cost them time.
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
            SurroundingsRenderer.WriteTls(writer);
        }
    }

    private static void WriteBehaviour(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        var timeouts = configuration.Timeouts;
        writer.Paragraph("Slow members", "WithTimeouts");
        writer.Directives(
            ("proxy_connect_timeout", Time(timeouts.ProxyConnect)),
            ("proxy_send_timeout", Time(timeouts.ProxySend)),
            ("proxy_read_timeout", Time(timeouts.ProxyRead)));

        writer.Paragraph("Failing members: another one is tried, but what changes something is never sent twice", "WithUpstream");
        writer.Directives(
            ("proxy_next_upstream", "error timeout"),
            ("proxy_next_upstream_tries", Number(configuration.Upstream.Tries)),
            ("proxy_next_upstream_timeout", Time(configuration.Upstream.TriesTimeout)));

        writer.Paragraph("Members never wait for a slow client, and their own errors pass as they are", "WithReverseProxy");
        writer.Directives(
            ("proxy_request_buffering", "on"),
            ("proxy_buffering", "on"),
            ("proxy_buffer_size", "16k"),
            ("proxy_buffers", "8 16k"),
            ("proxy_intercept_errors", "off"));
    }

    private static void WriteUpstream(NginxConfigWriter writer, NginxConfiguration configuration, NginxUpstream upstream)
    {
        var settings = configuration.Upstream;
        var resolve = configuration.IsContainer ? $" {NginxVariables.Placeholder(NginxVariables.Resolve)}" : string.Empty;
        writer.Paragraph($"The members of {upstream.Name}", "WithUpstream");
        writer.Open($"upstream {upstream.Name}");
        writer.Directive("zone", $"{upstream.Name} 256k");
        if (MethodDirective(settings.LoadBalancing) is { } method)
        {
            writer.Directive(method);
        }

        foreach (var member in upstream.Members.Distinct().Order(StringComparer.Ordinal))
        {
            writer.Directive("server", $"{Quote(member)}{resolve} max_fails={Number(settings.MaxFails)} fail_timeout={Time(settings.FailTimeout)}");
        }

        if (settings.KeepAliveConnections > 0)
        {
            writer.Directive("keepalive", Number(settings.KeepAliveConnections));
            writer.Directive("keepalive_timeout", Time(settings.KeepAliveTimeout));
            writer.Directive("keepalive_requests", NginxConfigRenderer.RequestsPerConnection);
        }

        writer.Close();
    }

    private static bool HasSecondRound(NginxUpstream upstream) => upstream.Members.Length > 1;

    /// <remarks>nginx tells a connection that could not be made by a "-" in place of the time it took.</remarks>
    private static void WriteWhoHasNoSecondRound(NginxConfigWriter writer, int tries)
    {
        writer.Paragraph("Who is not tried on every member: what may not be sent twice, what was sent to as many as it may, and what met nobody that is down", "WithUpstream");
        writer.Open($"map \"$request_method $upstream_connect_time\" {NoSecondRound}");
        writer.Directives(
            ("\"~^[^ ]+ [-, ]*$\"", "\"\""),
            ("\"~^(?:POST|LOCK|PATCH) \"", "1"),
            ($"\"~ (?:[-, ]*[0-9]+\\.[0-9]+){{{Number(tries)}}}\"", "1"),
            ("~-", "\"\""),
            ("default", "1"));
        writer.Close();
    }

    private static void WriteSecondRoundUpstream(NginxConfigWriter writer, NginxUpstream upstream)
    {
        writer.Open($"upstream {upstream.Name}{SecondRoundSuffix}");
        foreach (var member in upstream.Members.Distinct().Order(StringComparer.Ordinal))
        {
            writer.Directive("server", $"{Quote(member)} max_fails=0");
        }

        writer.Close();
    }

    private static string? MethodDirective(NginxLoadBalancing method) => method switch
    {
        NginxLoadBalancing.LeastConnections => "least_conn",
        NginxLoadBalancing.IpHash => "ip_hash",
        _ => null,
    };
}
