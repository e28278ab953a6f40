namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>What service discovery may resolve to, and how long a result is trusted.</summary>
public sealed class ServiceDiscoveryOptions
{
    /// <summary>Gets or sets whether every scheme is allowed. Default <see langword="true"/>.</summary>
    public bool AllowAllSchemes { get; set; } = true;

    /// <summary>Gets or sets how long a result counts when its providers cannot tell of changes. Default 60 s; at least 0.</summary>
    public TimeSpan RefreshPeriod { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets the allowed schemes; they count only when <see cref="AllowAllSchemes"/> is off. Default: none.</summary>
    public IList<string> AllowedSchemes { get; set; } = [];

    /// <summary>Keeps the schemes that are allowed, in the order they were asked for.</summary>
    /// <param name="requestedSchemes">The schemes asked for.</param>
    /// <returns>The allowed ones; when none were asked for, all of <see cref="AllowedSchemes"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="requestedSchemes"/> is <see langword="null"/>.</exception>
    public IReadOnlyList<string> ApplyAllowedSchemes(IReadOnlyList<string> requestedSchemes)
    {
        ArgumentNullException.ThrowIfNull(requestedSchemes);
        if (requestedSchemes.Count == 0)
        {
            return [.. AllowedSchemes];
        }

        return AllowAllSchemes ? requestedSchemes : [.. requestedSchemes.Where(IsListed)];
    }

    /// <summary>Whether a single scheme may be used.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <returns><see langword="true"/> when it may.</returns>
    internal bool Allows(string scheme) => AllowAllSchemes || IsListed(scheme);

    private bool IsListed(string scheme) => AllowedSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase);
}
