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
