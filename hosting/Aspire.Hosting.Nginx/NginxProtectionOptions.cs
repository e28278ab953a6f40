namespace Aspire.Hosting;

/// <summary>
/// Response headers that tell browsers what they may do; null leaves one out. What a resource itself sends goes before them.
/// </summary>
public sealed record NginxSecurityHeaders
{
    /// <summary>Who may show the site in a frame (<c>X-Frame-Options</c>). Default <c>SAMEORIGIN</c>.</summary>
    public string? FrameOptions { get; init; } = "SAMEORIGIN";

    /// <summary>What links tell other sites of this one (<c>Referrer-Policy</c>). Default <c>strict-origin-when-cross-origin</c>.</summary>
    public string? ReferrerPolicy { get; init; } = "strict-origin-when-cross-origin";

    /// <summary>Whence a page may load what (<c>Content-Security-Policy</c>). Default: not sent, as each site needs its own.</summary>
    public string? ContentSecurityPolicy { get; init; }

    /// <summary>What a page may use of the device (<c>Permissions-Policy</c>). Default: not sent.</summary>
    public string? PermissionsPolicy { get; init; }
}

/// <summary>How nginx compresses responses.</summary>
public sealed record NginxCompression
{
    /// <summary>How hard gzip tries (<c>gzip_comp_level</c>). Default 5; range 1 to 9.</summary>
    [Bounds(1, 9)]
    public int Level { get; init; } = 5;

    /// <summary>
    /// The length in bytes from which a response is compressed (<c>gzip_min_length</c>). Default 1,024; range 20 to 1 GiB. One of unknown
    /// length always is.
    /// </summary>
    [Bounds(20, 1 << 30)]
    public int MinLength { get; init; } = 1024;
}

/// <summary>How nginx keeps responses that allow it.</summary>
public sealed record NginxCacheOptions
{
    /// <summary>The largest size of all responses in bytes (<c>max_size</c>). Default 64 MiB; range 1 MiB to 1 TiB.</summary>
    [Bounds(1 << 20, 1L << 40)]
    public long MaxSize { get; init; } = 64 * 1024 * 1024;

    /// <summary>After how long without a request a response is dropped (<c>inactive</c>). Default 10 min; range 1 s to 365 days.</summary>
    [Bounds(1, 365 * 86_400)]
    public TimeSpan Inactive { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether clients get an expired response while nginx asks for a new one, or if none can answer
    /// (<c>proxy_cache_use_stale</c>). Default true.
    /// </summary>
    public bool ServeStale { get; init; } = true;
}
