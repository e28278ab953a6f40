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
    /// For an upgraded connection, such as a WebSocket, between two messages. Default 24 h: it lives until one side ends it.
    /// </summary>
    public TimeSpan Session { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// For requests and WebSockets in flight when nginx reloads (<c>worker_shutdown_timeout</c>). Default, where nginx is run by the AppHost:
    /// 24 h, so that a reload cuts no session; <see cref="Drain"/> bounds its end. Elsewhere 60 s, as long as a member may take to answer.
    /// </summary>
    public TimeSpan? Shutdown { get; init; }

    /// <summary>
    /// For requests in flight when the AppHost, or a <c>stop</c> or <c>restart</c> of the resource, ends nginx; what is not answered by then is
    /// cut. Default 20 s.
    /// </summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(20);
}
