using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.AccessLog;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Trace context for the resources behind nginx and, where somebody takes it, a log of every request.</summary>
internal static class TelemetryRenderer
{
    private const string Origin = "WithTelemetry";

    /// <summary>Fields of this many bytes fit into one message together, even when each of their characters has to be escaped.</summary>
    private const int LargestThatFits = 8 * 1024;

    private const string CutLength = "4096";

    /// <summary>
    /// W3C Trace Context, section 3.2: no version ff, no id of zeros, lower case, and nothing behind the flags in version 00.
    /// </summary>
    private const string ValidParent =
        "\"~^(?!ff)(?!00.{53}.)[0-9a-f]{2}-(?!0{32})(?<telemetry_client_trace>[0-9a-f]{32})-(?!0{16})(?<telemetry_client_span>[0-9a-f]{16})-[0-9a-f](?<telemetry_client_flag>[0-9a-f])(?:-.*)?$\"";

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
        WriteMap(writer, "$telemetry_client_sampling", "$telemetry_state", ("\"\"", "\"\""), ("default", "$http_tracestate"));
        if (configuration.LogServer is null)
        {
            WriteMap(writer, "$telemetry_client_sampling", "$telemetry_parent", ("\"\"", "\"\""), ("default", "$http_traceparent"));
            return;
        }

        WriteContext(writer, configuration.Telemetry, paths);
        WriteFormats(writer, configuration.Limits, paths);
        WriteStatus(writer, paths);
    }

    public static void WriteHeaders(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        writer.Origin = Origin;
        writer.Directives(
            ("proxy_set_header traceparent", configuration.LogServer is null ? "$telemetry_parent" : "\"00-$telemetry_trace-$telemetry_span-$telemetry_flags\""),
            ("proxy_set_header tracestate", "$telemetry_state"));
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.LogServer is not { } server)
        {
            return;
        }

        writer.Paragraph("Every request is told to the AppHost", Origin);
        var target = $"syslog:server={server.Address},nohostname,tag={server.Tag}";
        writer.Directive("access_log", $"{Quote(target)} telemetry_brief if=$telemetry_is_brief");
        writer.Directive("access_log", $"{Quote(target)} telemetry_full if=$telemetry_is_full");
        writer.Directive("set", "$telemetry_is_drawn 1");
        WriteGate(writer, "$telemetry_told_gate", "$telemetry_is_told");
        if (HasGate(configuration.Telemetry))
        {
            WriteGate(writer, "$telemetry_kept_gate", "$telemetry_is_kept");
        }
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

    private static string GateFile(NginxRunPaths paths, string gate, string digits) => Quote($"{paths.GatesFolder}/{gate}/{digits}");

    private static void WriteGate(NginxConfigWriter writer, string file, string variable)
    {
        writer.Open($"if (-f {file})");
        writer.Directive("set", $"{variable} 1");
        writer.Close();
    }

    private static bool HasGate(NginxTelemetry telemetry) => telemetry is { ShareAbove: < 1 } and not { FullRate: 0, ShareAbove: 0 };

    private static void WriteContext(NginxConfigWriter writer, NginxTelemetry telemetry, NginxRunPaths paths)
    {
        writer.Paragraph("nginx's own part of the trace: the id of the request, whose first half names nginx's span", Origin);
        WriteMap(writer, "$telemetry_client_sampling", "$telemetry_trace", ("\"\"", "$request_id"), ("default", "$telemetry_client_trace"));
        WriteMap(writer, "$request_id", "$telemetry_span", ("\"~^((?<telemetry_digits>..)(?<telemetry_more_digits>..).{12})\"", "$1"));

        writer.Paragraph("A trace is kept where the AppHost left the gate open and the client did not decide against it", Origin);
        if (HasGate(telemetry))
        {
            WriteMap(writer, "$telemetry_span", "$telemetry_kept_gate", ("default", GateFile(paths, NginxRunPaths.KeptGate, "$telemetry_digits")));
        }

        WriteMap(writer, "\"\"", "$telemetry_is_kept", ("default", telemetry.ShareAbove < 1 ? "\"\"" : "1"));
        WriteMap(writer, "$telemetry_is_kept:$telemetry_client_sampling", "$telemetry_flags", ("\"~^1:[13579bdf]?$\"", "01"), ("default", "00"));
    }

    private static void WriteFormats(NginxConfigWriter writer, NginxRequestLimits limits, NginxRunPaths paths)
    {
        writer.Paragraph("What is told of a request: all of it where its trace is kept, where it failed, and where it was tried twice", Origin);
        // An error page is a GET request to nginx; the request line stays what the client sent.
        WriteMap(writer, "$request", "$telemetry_method", ("\"~^([A-Z]+) \"", "$1"));
        WriteMap(writer, "\"\"", "$telemetry_route", ("default", "\"\""));
        WriteMap(writer, "\"$telemetry_flags $status $upstream_status\"", "$telemetry_is_full", ("\"~^01| 5|[,:]\"", "1"));
        writer.Paragraph("Of very many requests some are told for all; whether one was drawn is not known where nginx never looked at its URI", Origin);
        WriteMap(writer, "$telemetry_span", "$telemetry_told_gate", ("default", GateFile(paths, NginxRunPaths.ToldGate, "$telemetry_more_digits")));
        WriteMap(writer, "\"\"", "$telemetry_is_told", ("default", "\"\""));
        WriteMap(writer, "\"\"", "$telemetry_is_drawn", ("default", "\"\""));
        WriteMap(writer, "$telemetry_is_full:$telemetry_is_drawn:$telemetry_is_told", "$telemetry_is_brief", ("\"::\"", "1"), ("\":1:1\"", "1"), ("default", "\"\""));
        var full = AccessLogFormat.Text(AccessLogFormat.FieldCount);
        foreach (var variable in limits.MaxHeaderSize > LargestThatFits ? AccessLogFormat.LongVariables : [])
        {
            var cut = $"$telemetry_short_{variable}";
            WriteMap(writer, $"${variable}", cut, ($"\"~^(.{{0,{CutLength}}})\"", "$1"));
            full = full.Replace($"\"${variable}\"", $"\"{cut}\"", StringComparison.Ordinal);
        }

        writer.Directive("log_format", $"telemetry_brief escape=json '{AccessLogFormat.Text(AccessLogFormat.BriefFieldCount)}'");
        writer.Directive("log_format", $"telemetry_full escape=json '{full}'");
    }

    private static void WriteStatus(NginxConfigWriter writer, NginxRunPaths paths)
    {
        writer.Paragraph("How many connections there are, for the AppHost alone", Origin);
        writer.Open("server");
        writer.Directive("listen", Quote($"unix:{paths.StatusSocket}"));
        writer.Directive("stub_status");
        writer.Close();
    }

    private static void WriteMap(NginxConfigWriter writer, string source, string variable, params ReadOnlySpan<(string Key, string Value)> entries)
    {
        writer.Open($"map {source} {variable}");
        writer.Directives(entries);
        writer.Close();
    }
}
