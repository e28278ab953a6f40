using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Provisioning;
using Aspire.Hosting.Nginx.Rendering;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Tests and replaces the configuration of one nginx through its own binary.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxControl(NginxLocation location, Version version, NginxRunPaths paths)
{
    /// <summary>From here on nginx can be told to leave alone the log file it was built with.</summary>
    private static readonly Version FirstWithErrorLogOption = new(1, 19, 5);

    /// <summary>The arguments that make nginx use its run folder and nothing else.</summary>
    public static IReadOnlyList<string> Arguments(Version? version, NginxRunPaths paths, string configurationFile) =>
        version is null || version < FirstWithErrorLogOption
            ? ["-p", paths.Folder, "-c", configurationFile]
            : ["-e", "stderr", "-p", paths.Folder, "-c", configurationFile];

    /// <summary>Has nginx test a configuration, and puts it in place if it passes.</summary>
    /// <returns>Why it does not pass, in one line, or null.</returns>
    public async Task<string?> ReplaceAsync(RenderedConfiguration rendered, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(paths.CandidateFile, rendered.Text, cancellationToken).ConfigureAwait(false);
        // It names the members' sockets, which are reached by whoever knows their names.
        File.SetUnixFileMode(paths.CandidateFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var result = await RunAsync(paths.CandidateFile, ["-t", "-q"], cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            return NginxFailure.Explain(result.Output, rendered, paths);
        }

        File.Move(paths.CandidateFile, paths.ConfigurationFile, overwrite: true);
        return null;
    }

    private Task<ToolResult> RunAsync(string configurationFile, string[] action, CancellationToken cancellationToken) =>
        Tool.RunAsync(location.Path, [.. Arguments(version, paths, configurationFile), .. action], location.Environment, paths.Folder, cancellationToken);
}

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
