using System.Globalization;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Trace context for the resources behind nginx and, where the AppHost reads it, an access log.</summary>
internal static class TelemetryRenderer
{
    /// <summary>The option that all of it comes from.</summary>
    public const string Origin = "WithTelemetry";

    private const string LogFormat = "trace";
    private const string Sampled = "01";
    private const string NotSampled = "00";

    /// <summary>Fields of this many bytes fit into one message together, even when each of their characters has to be escaped.</summary>
    private const int LargestThatFits = 8 * 1024;

    private const string CutLength = "4096";
    private const int FieldsPerLine = 3;

    /// <summary>
    /// W3C Trace Context, section 3.2: no version ff, no id of zeros, lower case, and nothing behind the flags in version 00.
    /// </summary>
    private const string ValidParent =
        "\"~^(?!ff)(?!00.{53}.)[0-9a-f]{2}-(?!0{32})(?<trace_client_id>[0-9a-f]{32})"
        + "-(?!0{16})(?<trace_parent_id>[0-9a-f]{16})-[0-9a-f](?<trace_client_flag>[0-9a-f])(?:-.*)?$\"";

    /// <summary>Whether the request's trace is sampled by its share.</summary>
    private const string Share = "$trace_share";

    private const string IsQuiet = "q";

    /// <summary>Fewer than 10 connections, and no more than 99 requests on this one.</summary>
    private const string Quiet = "\"~^\\d:\\d\\d?$\"";

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths)
    {
        if (configuration.LogServer is null && !configuration.IsProxy)
        {
            return;
        }

        writer.Paragraph("A client's trace is continued where its traceparent is valid (W3C Trace Context)", Origin);
        var isLogged = configuration.LogServer is not null;
        var (client, value) = isLogged ? ("$trace_client", "$trace_client_flag") : ("$trace_parent", "$http_traceparent");
        writer.Map("$http_traceparent", client, ("\"\"", "\"\""), (ValidParent, value));
        writer.Map(client, "$trace_state", ("\"\"", "\"\""), ("default", "$trace_state_of_client"));
        writer.Map("$http_tracestate", "$trace_state_of_client", ("\"~^[ -~]+$\"", "$http_tracestate"));
        if (!isLogged)
        {
            return;
        }

        writer.Map("$trace_client", "$trace_id", ("\"\"", "$request_id"), ("default", "$trace_client_id"));
        writer.Map("$request_id", "$trace_span_id", ("\"~^(.{16})\"", "$1"));
        WriteQuiet(writer, configuration.Telemetry);
        WriteSampling(writer, configuration.Telemetry);
        WriteWeight(writer, configuration.Telemetry);
        WriteFormat(writer, configuration.Limits);
        writer.Paragraph("Connection counts for the AppHost", Origin);
        writer.Open("server");
        writer.Directive("listen", Quote($"unix:{paths.StatusSocket}"));
        writer.Directive("stub_status");
        writer.Close();
    }

    public static void WriteHeaders(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        writer.Origin = Origin;
        writer.Directives([.. Headers(configuration).Select(static header => ($"proxy_set_header {header.Name}", header.Value))]);
    }

    /// <summary>The headers that tell an upstream the trace.</summary>
    public static (string Name, string Value)[] Headers(NginxConfiguration configuration) =>
    [
        ("traceparent", configuration.LogServer is null ? "$trace_parent" : "00-$trace_id-$trace_span_id-$trace_flags"),
        ("tracestate", "$trace_state"),
    ];

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.LogServer is { } server)
        {
            writer.Paragraph("Logged to the AppHost, which makes spans and metrics of it", Origin);
            var condition = RequestsForOne(configuration.Telemetry) == 1 ? "" : " if=$trace_weight";
            writer.Directive("access_log", $"{TargetOf(server)} {LogFormat}{condition}");
        }
    }

    /// <summary>Where the access log goes, as <c>access_log</c> has it.</summary>
    public static string TargetOf(NginxLogServer server) => Quote($"syslog:server={server.Address},nohostname,tag={server.Tag}");

    /// <summary>Names the route in the log of a request; a redirect to an error page does not change it.</summary>
    public static void WriteRoute(NginxConfigWriter writer, NginxConfiguration configuration, string path)
    {
        if (configuration.LogServer is not null)
        {
            writer.Directive("set", $"$trace_route {Quote(path)}");
        }
    }

    /// <summary>Health checks are no traffic.</summary>
    public static void WriteHealth(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.LogServer is not null || ProtectionRenderer.IsLogged(configuration))
        {
            writer.Directive("access_log", "off");
        }
    }

    /// <summary>The random id of the request decides; a client that does not want its trace sampled has its way.</summary>
    private static void WriteSampling(NginxConfigWriter writer, NginxTelemetry telemetry)
    {
        var share = ShareOf(telemetry);
        if (share == Share)
        {
            writer.Paragraph($"Sampled are {Percent(telemetry.SamplingRatio)} of all requests", Origin);
            WriteShare(writer, Share, telemetry.SamplingRatio, Sampled, NotSampled);
        }

        if (!SamplesQuiet(telemetry))
        {
            writer.Map("$trace_client", "$trace_flags", ("\"~[02468ace]\"", NotSampled), ("default", share));
            return;
        }

        writer.Paragraph("and all while it is quiet, unless the client wants none", Origin);
        writer.Map(
            "$trace_client$trace_quiet",
            "$trace_flags",
            ("\"~^[02468ace]\"", NotSampled),
            ($"\"~{IsQuiet}$\"", Sampled),
            ("default", share));
    }

    private static void WriteQuiet(NginxConfigWriter writer, NginxTelemetry telemetry)
    {
        if (RequestsForOne(telemetry) > 1 || SamplesQuiet(telemetry))
        {
            writer.Paragraph("Quiet: fewer than 10 connections, and no more than 99 requests on this one", Origin);
            writer.Map("$connections_active:$connection_requests", "$trace_quiet", (Quiet, IsQuiet), ("default", "-"));
        }
    }

    /// <summary>
    /// For how many requests a logged one counts; 0 is not logged. What is sampled by its share is in the larger share that is logged,
    /// as both are taken from the same hash.
    /// </summary>
    private static void WriteWeight(NginxConfigWriter writer, NginxTelemetry telemetry)
    {
        var count = RequestsForOne(telemetry);
        if (count == 1)
        {
            writer.Map("\"\"", "$trace_weight", ("default", "1"));
            return;
        }

        writer.Paragraph($"Logged is one request in {count}, which counts as {count}", Origin);
        WriteShare(writer, "$trace_logged", 1.0 / count, count.ToString(CultureInfo.InvariantCulture), "0");
        writer.Paragraph("and each one that comes while it is quiet, takes long, or fails at a member", Origin);
        writer.Map(
            "\"$trace_quiet$request_time $status,$upstream_status\"",
            "$trace_weight",
            ($"\"~^{IsQuiet}|^-{AtLeast(telemetry.SlowRequest)}| 5..,|,5|,.*[,:]\"", "1"),
            ("default", "$trace_logged"));
    }

    /// <summary>Whether quiet times make a difference to sampling.</summary>
    private static bool SamplesQuiet(NginxTelemetry telemetry) => telemetry is { SampleAllWhenQuiet: true, SamplingRatio: < 1 };

    private static string ShareOf(NginxTelemetry telemetry) => telemetry.SamplingRatio switch
    {
        >= 1 => Sampled,
        <= 0 => NotSampled,
        _ => Share,
    };

    private static int RequestsForOne(NginxTelemetry telemetry) =>
        (int)Math.Floor(1 / Math.Max(telemetry.MetricsRatio, telemetry.SamplingRatio));

    /// <summary>
    /// A pattern for the start of a duration from the power of ten below a limit on; nginx writes <c>12.345</c>.
    /// </summary>
    private static string AtLeast(TimeSpan limit) => limit.TotalSeconds switch
    {
        >= 10 => "\\d\\d",
        >= 1 => "[^0]",
        >= 0.1 => "(?!0\\.0)",
        >= 0.01 => "(?!0\\.00)",
        _ => "",
    };

    private static void WriteShare(NginxConfigWriter writer, string variable, double ratio, string chosen, string other)
    {
        writer.Open($"split_clients $request_id {variable}");
        writer.Directives((Percent(ratio), chosen), ("*", other));
        writer.Close();
    }

    private static string Percent(double ratio) => (ratio * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    private static void WriteFormat(NginxConfigWriter writer, NginxRequestLimits limits)
    {
        writer.Paragraph("The log of a request, for the AppHost", Origin);
        writer.Map("\"\"", "$trace_route", ("default", "\"\""));
        var cut = limits.MaxHeaderSize > LargestThatFits ? AccessLogFormat.LongNames : [];
        foreach (var name in cut)
        {
            writer.Map($"${name}", $"$trace_cut_{name}", ($"\"~^(.{{0,{CutLength}}})\"", "$1"));
        }

        var fields = AccessLogFormat.Names.Select(name => $"\"{name}\":\"${(cut.Contains(name) ? "trace_cut_" : "")}{name}\"");
        var lines = fields.Chunk(FieldsPerLine).Select(chunk => string.Join(',', chunk));
        string[] text = $"{{{string.Join(",\n", lines)}}}".Split('\n');
        writer.DirectiveOfLines($"log_format {LogFormat} escape=json", [.. text.Select(line => $"'{line}'")]);
    }
}
