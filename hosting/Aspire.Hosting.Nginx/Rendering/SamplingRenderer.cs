using System.Globalization;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Telemetry.Sampling;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Which requests are told and whose trace is kept: <see cref="SamplingGate"/> as nginx sees it.</summary>
internal static class SamplingRenderer
{
    private const string Origin = TelemetryRenderer.Origin;

    /// <summary>All requests, in the hundredths of a percent that <c>split_clients</c> knows.</summary>
    private const int WholeShare = 10_000;

    /// <summary>Two gates with nine files each, under ten names.</summary>
    private const int RememberedGates = 256;

    public static void WriteHttp(NginxConfigWriter writer, NginxTelemetry telemetry, NginxRunPaths paths)
    {
        if (!KeepsAll(telemetry))
        {
            WriteDraw(writer);
            WriteMemory(writer);
        }

        writer.Paragraph("0: not told, 1: told for others too, 2: its trace is kept as well, unless the client decided against it", Origin);
        writer.Map("\"\"", "$telemetry_told", ("default", KeepsAll(telemetry) ? "2" : "\"\""));
        if (!KeepsAll(telemetry) && !KeepsNone(telemetry))
        {
            writer.Map("$telemetry_told", "$telemetry_kept_gate", ("1", GateFile(paths, NginxRunPaths.KeptGate)), ("default", "\"\""));
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxTelemetry telemetry, NginxRunPaths paths)
    {
        if (KeepsAll(telemetry))
        {
            return;
        }

        writer.Directive("set", "$telemetry_told 0");
        WriteGate(writer, GateFile(paths, NginxRunPaths.ToldGate), "1");
        if (!KeepsNone(telemetry))
        {
            WriteGate(writer, "$telemetry_kept_gate", "2");
        }
    }

    private static string GateFile(NginxRunPaths paths, string gate) => Quote($"{paths.GatesFolder}/{gate}$telemetry_slashes$telemetry_draw");

    private static void WriteGate(NginxConfigWriter writer, string file, string told)
    {
        writer.Open($"if (-f {file})");
        writer.Directive("set", $"$telemetry_told {told}");
        writer.Close();
    }

    private static bool KeepsAll(NginxTelemetry telemetry) => telemetry.ShareAbove >= 1;

    private static bool KeepsNone(NginxTelemetry telemetry) => telemetry is { FullRate: 0, ShareAbove: 0 };

    /// <summary>A request draws the lowest level at which it is taken: half of all only at the highest, a quarter from the one below on, …</summary>
    private static void WriteDraw(NginxConfigWriter writer)
    {
        writer.Paragraph("Each request draws from which level on it is taken", Origin);
        writer.Open("split_clients \"$connection $connection_requests\" $telemetry_draw");
        var above = WholeShare;
        for (var level = SamplingLevel.Highest; level > 1; level /= 2)
        {
            var below = WholeShare * (level / 2) / SamplingLevel.Highest;
            writer.Directive(string.Create(CultureInfo.InvariantCulture, $"{(above - below) / 100m:0.##}%"), Number(level));
            above = below;
        }

        writer.Directive("*", "1");
        writer.Close();
    }

    /// <summary>
    /// Asking the file system at every request costs as much as a twelfth of the request. nginx remembers what it asked for whole seconds
    /// only; a tenth of a second later it meets another name of the same file: a path may have more than one slash between two names.
    /// What is found is opened anew each time, so that no file descriptor is held and a gate that closes is closed at once.
    /// </summary>
    private static void WriteMemory(NginxConfigWriter writer)
    {
        writer.Paragraph("That a gate is closed is remembered for a tenth of a second", Origin);
        writer.Map("$msec", "$telemetry_tenth", ("\"~\\.(.)\"", "$1"));
        writer.Map(
            "$telemetry_tenth",
            "$telemetry_slashes",
            [.. Enumerable.Range(0, 10).Select(tenth => (Number(tenth), Quote(new string('/', tenth + 1))))]);
        writer.Directives(
            ("open_file_cache", $"max={Number(RememberedGates)}"),
            ("open_file_cache_valid", "1s"),
            ("open_file_cache_errors", "on"),
            ("open_file_cache_min_uses", Number(int.MaxValue)));
    }
}
