using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Rendering;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Turns what nginx says about a configuration into one line that names the option or file to mend.</summary>
internal static partial class NginxFailure
{
    public static string Explain(string output, RenderedConfiguration rendered, NginxRunPaths paths)
    {
        var line = output.Split('\n').FirstOrDefault(line => line.Contains("[emerg]", StringComparison.Ordinal)) ?? output.Trim();
        var said = Preamble().Replace(line, "").Trim();
        return Place().Match(said) is { Success: true } place
            ? $"nginx rejects {Describe(place.Groups["file"].Value, int.Parse(place.Groups["line"].Value, CultureInfo.InvariantCulture), rendered, paths)}: {said[..place.Index]}"
            : $"nginx rejects its configuration: {said}";
    }

    private static string Describe(string file, int line, RenderedConfiguration rendered, NginxRunPaths paths) =>
        file == paths.ConfigurationFile || file == paths.CandidateFile
            ? rendered.OriginOf(line) is { } option ? $"what {option} asks for" : $"line {line} of {file}"
            : Path.GetDirectoryName(file) == paths.SnippetsFolder
                ? $"the text of WithConfigSnippet number {Path.GetFileNameWithoutExtension(file)}, line {line}"
                : $"{file}, line {line}";

    [GeneratedRegex(@"^.*?\[emerg\]\s+(?:\d+#\d+:\s+)?")]
    private static partial Regex Preamble();

    [GeneratedRegex(@" in (?<file>/.+):(?<line>\d+)$")]
    private static partial Regex Place();
}
