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

/// <summary>What one request, and one client, may ask for.</summary>
public sealed record NginxRequestLimits
{
    /// <summary>
    /// The largest request body in bytes (<c>client_max_body_size</c>); a larger one is answered with 413 by nginx. Default 2 MiB:
    /// above the services' own limit of 1 MiB, so that they answer the usual case themselves. Range 1 to 1 TiB.
    /// </summary>
    public long MaxBodySize { get; init; } = 2 * 1024 * 1024;

    /// <summary>
    /// The body in bytes that is held in memory (<c>client_body_buffer_size</c>); nginx writes a larger one to a temporary file, with a
    /// warning for each. A body whose length the client tells takes no more memory than it is long. Default 256 KiB; range 1 KiB to 1 GiB.
    /// </summary>
    public long BodyBufferSize { get; init; } = 256 * 1024;

    /// <summary>The longest request line or header field in bytes (<c>large_client_header_buffers</c>). Default 8 KiB; range 1 KiB to 1 MiB.</summary>
    public int MaxHeaderSize { get; init; } = 8 * 1024;

    /// <summary>How many buffers of <see cref="MaxHeaderSize"/> the headers of one request may fill. Default 4; range 1 to 64.</summary>
    public int HeaderBuffers { get; init; } = 4;

    /// <summary>Requests per second and client address (<c>limit_req</c>), beyond which nginx answers 429. Default: none. Range 1 to 1,000,000.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Requests a client may send at once above <see cref="RequestsPerSecond"/> (<c>burst</c> with <c>nodelay</c>). Default 0; range 0 to 1,000,000.</summary>
    public int Burst { get; init; }

    /// <summary>Requests in flight per client address (<c>limit_conn</c>), beyond which nginx answers 429. Default: none. Range 1 to 65,535.</summary>
    public int? ConnectionsPerClient { get; init; }
}

/// <summary>nginx's worker processes.</summary>
public sealed record NginxWorkers
{
    /// <summary>How many there are (<c>worker_processes</c>). Default: one per processor core (<c>auto</c>). Range 1 to 512.</summary>
    public int? Processes { get; init; }

    /// <summary>
    /// Connections each worker can hold, to clients and to members alike (<c>worker_connections</c>). Range 64 to 1,000,000.
    /// Default: 20,480, enough for one worker to carry 10,000 clients alone, or as many as the limit of open files allows.
    /// </summary>
    public int? Connections { get; init; }

    /// <summary>
    /// The system user the workers run as (<c>user</c>), used only when nginx starts as root.
    /// Default: the first of www-data, nginx and nobody that exists.
    /// </summary>
    public string? User { get; init; }

    /// <summary>The system group the workers run as. Default: the primary group of <see cref="User"/>.</summary>
    public string? Group { get; init; }
}

/// <summary>Spans, metrics and logs of the requests nginx serves, when an OTLP receiver such as the dashboard is configured.</summary>
public sealed record NginxTelemetry
{
    /// <summary>
    /// Whether nginx has spans, metrics and structured logs. Default true. Without it a client's valid <c>traceparent</c>
    /// passes to the resources as it came, and nginx has no part in the trace.
    /// </summary>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// The share of requests whose trace is sampled, in nginx and in the resources behind it (<c>split_clients</c>). Default 0.01; 0, or
    /// 0.0001 to 1. A sampled request takes about as much of the processor, most of it in the dashboard, as ten that are not. A client that
    /// asks not to be sampled is not; one that asks to be is, by this share. Requests that fail, and slow ones, always have a span of
    /// nginx, up to 100 a second.
    /// </summary>
    public double SamplingRatio { get; init; } = 0.01;

    /// <summary>
    /// Whether every request is sampled while few clients are there, so that what is tried by hand is always found: with fewer than 10
    /// connections, the first 99 requests of each. Default true; false: <see cref="SamplingRatio"/> holds always.
    /// </summary>
    public bool SampleAllWhenQuiet { get; init; } = true;

    /// <summary>From which duration on a request is slow and has a span, whether its trace is sampled or not. Default 1 s; range 0 to 1 h.</summary>
    public TimeSpan SlowRequest { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often connections are counted (<c>stub_status</c>) and metrics are sent. Default 5 s; range 1 s to 1 h.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>The block of the configuration into which a snippet goes.</summary>
public enum NginxSnippetContext
{
    /// <summary>The <c>server</c> block: locations, headers, rewrites, compression.</summary>
    Server,

    /// <summary>The <c>http</c> block: maps, zones, upstreams, further servers.</summary>
    Http,
}
