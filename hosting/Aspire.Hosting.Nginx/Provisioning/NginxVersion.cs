using System.Text.RegularExpressions;

namespace Aspire.Hosting.Nginx.Provisioning;

/// <summary>Asks a binary which nginx it is.</summary>
internal static partial class NginxVersion
{
    /// <exception cref="DistributedApplicationException">The binary is no nginx, or cannot be run.</exception>
    public static async Task<Version> ReadAsync(NginxLocation location, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync(location.Path, ["-v"], location.Environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return Pattern().Match(result.Output) is { Success: true } match && Version.TryParse(match.Groups["version"].Value, out var version)
            ? version
            : throw new DistributedApplicationException($"{location.Path} is no nginx that runs here: {result.LastLine}");
    }

    [GeneratedRegex(@"nginx version: \S+/(?<version>\d+\.\d+\.\d+)")]
    private static partial Regex Pattern();
}
