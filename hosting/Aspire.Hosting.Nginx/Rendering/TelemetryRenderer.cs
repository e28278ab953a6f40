using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.AccessLog;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Trace context for the resources behind nginx and, where somebody takes it, a log of every request.</summary>
internal static class TelemetryRenderer
{
    /// <summary>The option that all of it comes from.</summary>
    public const string Origin = "WithTelemetry";

    /// <summary>Fields of this many bytes fit into one message together, even when each of their characters has to be escaped.</summary>
    private const int LargestThatFits = 8 * 1024;

    private const string CutLength = "4096";

    /// <summary>
    /// W3C Trace Context, section 3.2: no version ff, no id of zeros, lower case, and nothing behind the flags in version 00.
    /// </summary>
    private const string ValidParent =
        "\"~^(?!ff)(?!00.{53}.)[0-9a-f]{2}-(?!0{32})(?<telemetry_client_trace>[0-9a-f]{32})-(?!0{16})(?<telemetry_client_span>[0-9a-f]{16})-[0-9a-f](?<telemetry_client_flag>[0-9a-f])(?:-.*)?$\"";

    /// <summary>Which request of which connection it is, and when: no two are alike, also after a restart. A letter ends each number.</summary>
    private const string Numbers = "\"${connection}a00000000 ${connection_requests}a0000 $msec\"";
    private const string NumbersOfFixedLength = "\"~^(.{10})[^ ]* (.{6})[^ ]* ..(.{8})\\.(...)\"";

    private static readonly int[] CommonStatuses = [200, 201, 202, 204, 206, 301, 302, 304, 400, 401, 403, 404];

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths)
    {
        if (configuration.LogServer is null && configuration.Routes.IsEmpty)
        {
            return;
        }

        writer.Paragraph("A client's trace goes on where its header is valid (W3C Trace Context)", Origin);
        writer.Open("map $http_traceparent $telemetry_client_sampling");
        writer.Directive("\"\"", "\"\"");
        writer.Directive(ValidParent, "$telemetry_client_flag");
        writer.Close();
        writer.Map("$telemetry_client_sampling", "$telemetry_state", ("\"\"", "\"\""), ("default", "$http_tracestate"));
        if (configuration.LogServer is null)
        {
            writer.Map("$telemetry_client_sampling", "$telemetry_parent", ("\"\"", "\"\""), ("default", "$http_traceparent"));
            return;
        }

        WriteContext(writer, configuration.Telemetry, configuration.LogServer, paths);
        WriteFormats(writer, configuration.Limits);
        WriteStatus(writer, paths);
    }

    public static void WriteHeaders(NginxConfigWriter writer)
    {
        writer.Origin = Origin;
        writer.Directives(
            ("proxy_set_header traceparent", "$telemetry_parent"),
            ("proxy_set_header tracestate", "$telemetry_state"));
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths)
    {
        if (configuration.LogServer is not { } server)
        {
            return;
        }

        writer.Paragraph("Every request is told to the AppHost", Origin);
        var target = $"syslog:server={server.Address},nohostname,tag={server.Tag}";
        writer.Directive("access_log", $"{Quote(target)} telemetry_brief if=$telemetry_is_brief");
        writer.Directive("access_log", $"{Quote(target)} telemetry_full if=$telemetry_is_full");
        SamplingRenderer.WriteServer(writer, configuration.Telemetry, paths);
    }

    /// <summary>Names the route in what is told of a request; a redirect to an error page does not change it.</summary>
    public static void WriteRoute(NginxConfigWriter writer, NginxConfiguration configuration, string path)
    {
        if (configuration.LogServer is not null)
        {
            writer.Directive("set", $"$telemetry_route {Quote(path)}");
        }
    }

    /// <summary>Health is asked for all the time, and by nobody who is served.</summary>
    public static void WriteHealth(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.LogServer is not null)
        {
            writer.Directive("access_log", "off");
        }
    }

    private static void WriteContext(NginxConfigWriter writer, NginxTelemetry telemetry, NginxLogServer server, NginxRunPaths paths)
    {
        SamplingRenderer.WriteHttp(writer, telemetry, paths);
        writer.Map("$telemetry_told:$telemetry_client_sampling", "$telemetry_flags", ("\"~^2:[13579bdf]?$\"", "01"), ("default", "00"));

        // Most requests of a busy server: words that are looked up, and one expression.
        writer.Paragraph("nginx's own part of the trace: numbers that differ where it is not kept, because random ones cost more", Origin);
        writer.Map(Numbers, "$telemetry_plain_parent", (NumbersOfFixedLength, $"\"00-$1$2$3$4{server.Seed}-$1$2-00\""));
        writer.Map("$telemetry_client_sampling", "$telemetry_random_trace", ("\"\"", "$request_id"), ("default", "$telemetry_client_trace"));
        writer.Map("$request_id", "$telemetry_random_span", ("\"~^(.{16})\"", "$1"));
        writer.Map(
            "$telemetry_told:$telemetry_client_sampling",
            "$telemetry_parent",
            ("\"0:\"", "$telemetry_plain_parent"),
            ("\"1:\"", "$telemetry_plain_parent"),
            ("\":\"", "$telemetry_plain_parent"),
            ("default", "\"00-$telemetry_random_trace-$telemetry_random_span-$telemetry_flags\""));
        writer.Map("$telemetry_parent", "$telemetry_trace", ("\"~^...(.{32})\"", "$1"));
        writer.Map("$telemetry_parent", "$telemetry_span", ("\"~^.{36}(.{16})\"", "$1"));
    }

    private static void WriteFormats(NginxConfigWriter writer, NginxRequestLimits limits)
    {
        writer.Paragraph("What is told of a request: all of it where its trace is kept, where it failed, and where it was tried twice", Origin);
        // An error page is a GET request to nginx; the request line stays what the client sent.
        writer.Map("$request", "$telemetry_method", ("\"~^([A-Z]+) \"", "$1"));
        writer.Map("\"\"", "$telemetry_route", ("default", "\"\""));
        WriteIsFull(writer);
        writer.Paragraph("Of very many requests some are told for all; whether one was drawn is not known where nginx never looked at its URI", Origin);
        writer.Map("$telemetry_is_full", "$telemetry_is_not_full", ("1", "\"\""), ("default", "1"));
        writer.Map("$telemetry_told", "$telemetry_is_brief", ("0", "\"\""), ("default", "$telemetry_is_not_full"));
        var full = AccessLogFormat.Text(AccessLogFormat.FieldCount);
        foreach (var variable in limits.MaxHeaderSize > LargestThatFits ? AccessLogFormat.LongVariables : [])
        {
            var cut = $"$telemetry_short_{variable}";
            writer.Map($"${variable}", cut, ($"\"~^(.{{0,{CutLength}}})\"", "$1"));
            full = full.Replace($"\"${variable}\"", $"\"{cut}\"", StringComparison.Ordinal);
        }

        writer.Directive("log_format", $"telemetry_brief escape=json '{AccessLogFormat.Text(AccessLogFormat.BriefFieldCount)}'");
        writer.Directive("log_format", $"telemetry_full escape=json '{full}'");
    }

    /// <summary>Words are looked up before an expression is tried, and cost less.</summary>
    private static void WriteIsFull(NginxConfigWriter writer)
    {
        writer.Open("map \"$telemetry_told:$telemetry_client_sampling $status $upstream_status\" $telemetry_is_full");
        foreach (var status in CommonStatuses)
        {
            writer.Directive($"\"0: {Number(status)} {Number(status)}\"", "\"\"");
            writer.Directive($"\"1: {Number(status)} {Number(status)}\"", "\"\"");
        }

        writer.Directive("\"~^2:[13579bdf]? | 5|, | : \"", "1");
        writer.Close();
    }

    private static void WriteStatus(NginxConfigWriter writer, NginxRunPaths paths)
    {
        writer.Paragraph("How many connections there are, for the AppHost alone", Origin);
        writer.Open("server");
        writer.Directive("listen", Quote($"unix:{paths.StatusSocket}"));
        writer.Directive("stub_status");
        writer.Close();
    }
}
