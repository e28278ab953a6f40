namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>How long nginx waits for clients and for the resources behind it. Each is 1 s to 24 h.</summary>
public sealed record NginxTimeouts
{
    /// <summary>For a client to send all its request headers (<c>client_header_timeout</c>). Default 15 s.</summary>
    public TimeSpan ClientHeader { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two reads of a request body (<c>client_body_timeout</c>). Default 30 s.</summary>
    public TimeSpan ClientBody { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two writes of a response to a client (<c>send_timeout</c>). Default 30 s.</summary>
    public TimeSpan ClientSend { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For an idle client connection (<c>keepalive_timeout</c>). Default 75 s.</summary>
    public TimeSpan ClientKeepAlive { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>To connect to a member of an upstream (<c>proxy_connect_timeout</c>). Default 2 s; at most 75 s.</summary>
    public TimeSpan ProxyConnect { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two reads of a member's response (<c>proxy_read_timeout</c>). Default 60 s.</summary>
    public TimeSpan ProxyRead { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two writes of a request to a member (<c>proxy_send_timeout</c>). Default 30 s.</summary>
    public TimeSpan ProxySend { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For requests in flight to finish when nginx stops or reloads (<c>worker_shutdown_timeout</c>). Default 60 s, as long as a member
    /// may take to answer: one that hangs is taken out by a reload, and its requests go to another once it is killed.
    /// </summary>
    public TimeSpan Shutdown { get; init; } = TimeSpan.FromSeconds(60);
}
