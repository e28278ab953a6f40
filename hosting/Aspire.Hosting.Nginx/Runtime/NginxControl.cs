using System.Runtime.Versioning;
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
