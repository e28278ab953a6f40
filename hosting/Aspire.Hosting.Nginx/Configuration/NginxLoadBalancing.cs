namespace Aspire.Hosting.Nginx.Configuration;

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
