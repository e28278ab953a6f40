namespace Aspire.Hosting;

/// <summary>Which requests of a route go to its canary.</summary>
public sealed record NginxCanaryOptions
{
    /// <summary>
    /// Whether all requests of a client go to the same target, as long as the share is the same or grows; a client is its address and its
    /// <c>User-Agent</c>. Default false: each request is decided by itself.
    /// </summary>
    public bool StickyClients { get; init; }
}

/// <summary>How nginx remembers the member that a client had.</summary>
public sealed record NginxStickySessions
{
    /// <summary>
    /// The first part of the cookies' names, which end in the name of the resource, such as <c>replica_api</c>: letters, digits and
    /// <c>_</c>. Default: <c>replica</c>.
    /// </summary>
    public string CookieName { get; init; } = "replica";
}

/// <summary>Which requests of a route are copied to its shadow, and how many at once.</summary>
public sealed record NginxShadowOptions
{
    /// <summary>The share of requests that is copied, in percent (<c>split_clients</c>). Default 100; range 0.01 to 100.</summary>
    [Bounds(0.01, 100)]
    public double Percent { get; init; } = 100;

    /// <summary>
    /// Whether requests are copied whose second execution may do harm, such as <c>POST</c>. Default false: only those with an idempotent
    /// method, to which <c>PUT</c> and <c>DELETE</c> belong.
    /// </summary>
    public bool UnsafeMethods { get; init; }

    /// <summary>How long the shadow may take to answer (<c>proxy_read_timeout</c>). Default 10 s; range 1 s to 1 h.</summary>
    [Bounds(1, 3_600)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Copies in flight (<c>limit_conn</c>); no more are made until one is answered. Default 64; range 1 to 10,000.
    /// </summary>
    [Bounds(1, 10_000)]
    public int Requests { get; init; } = 64;
}
