namespace Aspire.Hosting;

/// <summary>How nginx serves a folder.</summary>
/// <remarks>
/// A browser asks each time whether a file has changed (<c>Cache-Control: no-cache</c>, with <c>ETag</c>), except for one with a hash in
/// its name such as <c>main.3f2a1b9c.js</c>: that it keeps for a year. A file <c>name.gz</c> beside a file is sent in its place to who
/// accepts gzip (<c>gzip_static</c>).
/// </remarks>
public sealed record NginxStaticFileOptions
{
    /// <summary>
    /// Folders in it whose files all have a name that changes with their content, so that browsers keep them for a year
    /// (<c>immutable</c>): <c>assets</c> of Vite, <c>_next/static</c>. Default: none.
    /// </summary>
    public IReadOnlyList<string> ImmutableFolders { get; init; } = [];
}
