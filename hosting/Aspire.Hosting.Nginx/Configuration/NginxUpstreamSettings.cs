namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>How nginx spreads requests over the members of an upstream and treats a failing one.</summary>
public sealed record NginxUpstreamSettings
{
    /// <summary>The balancing method. Default, as nginx's own: <see cref="NginxLoadBalancing.RoundRobin"/>, an even spread.</summary>
    public NginxLoadBalancing LoadBalancing { get; init; } = NginxLoadBalancing.RoundRobin;

    /// <summary>
    /// Idle connections each worker keeps open per upstream (<c>keepalive</c>). Default 256: with hundreds of requests in flight,
    /// answers and new requests come in bursts, and what is closed after one burst is missing in the next. Range 0 to 65,535;
    /// 0 turns it off.
    /// </summary>
    public int KeepAliveConnections { get; init; } = 256;

    /// <summary>
    /// How long an idle connection to a member is kept (<c>keepalive_timeout</c> in <c>upstream</c>). Default 2 s, below the 3 s a
    /// member with the service defaults waits for its connections when it stops, so that nginx never sends a request into a
    /// closing connection. A new connection to a Unix socket costs some 50 µs, and none is made under load. Range 1 s to 1 h.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Failed attempts within <see cref="FailTimeout"/> after which a member is skipped (<c>max_fails</c>). Default 1; range 0 to 1,000; 0 never skips.</summary>
    public int MaxFails { get; init; } = 1;

    /// <summary>
    /// The window for <see cref="MaxFails"/>, and how long a failing member is skipped (<c>fail_timeout</c>), in whole seconds. nginx
    /// counts beginnings of seconds: after 1 s it tries the member again when 1 to 2 s have passed, and after 0, the default, when the
    /// next second begins. A local replica that was killed is back before. Range 0 to 1 h.
    /// </summary>
    public TimeSpan FailTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Members one request may be sent to (<c>proxy_next_upstream_tries</c>). Default 3; range 1 to 100. A request that was sent
    /// to a member goes to another one only when its method is idempotent; one that was never sent always may. Members that
    /// are down do not count: a request whose tries they used up is tried once more on all.
    /// </summary>
    public int Tries { get; init; } = 3;

    /// <summary>The time within which another member may be tried (<c>proxy_next_upstream_timeout</c>). Default 10 s; range 1 s to 1 h.</summary>
    public TimeSpan TriesTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>How nginx picks the member of an upstream that gets the next request.</summary>
public enum NginxLoadBalancing
{
    /// <summary>Each member in turn (nginx's default method).</summary>
    RoundRobin,

    /// <summary>The member with the fewest open requests (<c>least_conn</c>).</summary>
    LeastConnections,

    /// <summary>The same member for the same client address (<c>ip_hash</c>).</summary>
    IpHash,
}
