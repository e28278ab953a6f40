using System.Text.RegularExpressions;

namespace Aspire.Hosting.Nginx.Provisioning;

/// <summary>The nginx binary to run.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="LibraryFolder">Where libraries lie that the system does not have, or null for a binary of the system.</param>
/// <param name="MustFetch">Whether it has to be fetched before it can be run.</param>
/// <param name="Error">Why there is none, in one line, or null.</param>
internal sealed record NginxLocation(string Path, string? LibraryFolder = null, bool MustFetch = false, string? Error = null)
{
    /// <summary>What the binary needs in its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        LibraryFolder is { } folder ? new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = folder } : new Dictionary<string, string>();
}

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
