namespace Aspire.Hosting;

/// <summary>How nginx spreads requests over the members of an upstream, and what it does when one fails.</summary>
public sealed record NginxUpstreamSettings
{
    /// <summary>The balancing method, which <c>WithLoadBalancingPolicy</c> sets.</summary>
    internal NginxLoadBalancing? LoadBalancing { get; init; }

    /// <summary>
    /// Idle connections that each worker keeps open to an upstream (<c>keepalive</c>). Default 256: under load responses and new requests
    /// come in bursts, and a connection closed after one burst must be opened for the next. Range 0 to 65,535; 0 keeps none.
    /// </summary>
    [Bounds(0, 65_535)]
    public int KeepAliveConnections { get; init; } = 256;

    /// <summary>
    /// How long an idle connection to a member is kept open (<c>keepalive_timeout</c> in <c>upstream</c>). Default 2 s: less than the 3 s
    /// for which a service with the service defaults keeps its connections open when it stops, so that no request meets a closed one.
    /// Range 1 s to 1 h.
    /// </summary>
    [Bounds(1, 3_600)]
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Failed attempts within <see cref="FailTimeout"/> after which a member is skipped (<c>max_fails</c>). Default 1; range 0 to 1,000;
    /// 0 never skips it.
    /// </summary>
    [Bounds(0, 1_000)]
    public int MaxFails { get; init; } = 1;

    /// <summary>
    /// How long failed attempts count, and how long a failing member is then skipped (<c>fail_timeout</c>), in whole seconds of the clock:
    /// with 1 s for between one and two seconds, with 0 until the next second begins. Default 0. Range 0 to 1 h.
    /// </summary>
    [Bounds(0, 3_600)]
    public TimeSpan FailTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Members that one request may be sent to (<c>proxy_next_upstream_tries</c>). Default 3; range 1 to 100. A request that one member has
    /// received is sent to another only if its method is idempotent. Members that are down do not count.
    /// </summary>
    [Bounds(1, 100)]
    public int Tries { get; init; } = 3;

    /// <summary>
    /// How long after its arrival a request may be sent to another member (<c>proxy_next_upstream_timeout</c>). Default 60 s, so that what
    /// a hung member holds goes to another one when it is killed; range 1 s to 1 h.
    /// </summary>
    [Bounds(1, 3_600)]
    public TimeSpan TriesTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The status line and headers of a response, in bytes together (<c>proxy_buffer_size</c>); nginx answers 502 instead of larger ones.
    /// Default 64 KiB, for a dozen cookies of the largest size that browsers keep. Range 4 KiB to 1 MiB.
    /// </summary>
    [Bounds(1 << 12, 1 << 20)]
    public int MaxResponseHeaderSize { get; init; } = 64 * 1024;

    /// <summary>
    /// Bytes of a response that nginx writes to a temporary file when a client reads more slowly than the member sends
    /// (<c>proxy_max_temp_file_size</c>); then the member waits for the client. Default 1 MiB; 0 for none, or 1 MiB to 1 TiB.
    /// </summary>
    [Bounds(1 << 20, 1L << 40, OrZero = true)]
    public long MaxResponseFileSize { get; init; } = 1024 * 1024;
}

/// <summary>How nginx passes the requests of one path to a resource.</summary>
public sealed record NginxRouteOptions
{
    /// <summary>
    /// Whether nginx receives a request body as a whole before a member gets it (<c>proxy_request_buffering</c>). Default true: a slow
    /// client does not occupy a member, and another member can be tried. False: the member gets each part as it comes, for uploads that
    /// are read as a stream, and a request with a body is sent to one member only.
    /// </summary>
    public bool RequestBuffering { get; init; } = true;

    /// <summary>
    /// Whether nginx takes a response as fast as the member sends it, and keeps what the client has not read (<c>proxy_buffering</c>).
    /// Default true. False: each part goes to the client at once, compressed or not, for streams such as NDJSON. A request that accepts
    /// <c>text/event-stream</c> alone never needs it.
    /// </summary>
    public bool ResponseBuffering { get; init; } = true;
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

    /// <summary>A member at random (<c>random</c>).</summary>
    Random,

    /// <summary>Of two members at random the one with fewer open requests (<c>random two least_conn</c>).</summary>
    PowerOfTwoChoices,
}

/// <summary>How long nginx waits for clients and for the resources behind it. Each is 1 s to 24 h, unless it says otherwise.</summary>
public sealed record NginxTimeouts
{
    /// <summary>For a client to send all its request headers (<c>client_header_timeout</c>). Default 15 s.</summary>
    [Bounds(1, 86_400)]
    public TimeSpan ClientHeader { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two reads of a request body (<c>client_body_timeout</c>). Default 30 s.</summary>
    [Bounds(1, 86_400)]
    public TimeSpan ClientBody { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two writes of a response to a client (<c>send_timeout</c>). Default 30 s.</summary>
    [Bounds(1, 86_400)]
    public TimeSpan ClientSend { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For an idle client connection (<c>keepalive_timeout</c>). Default 75 s.</summary>
    [Bounds(1, 86_400)]
    public TimeSpan ClientKeepAlive { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>To connect to a member of an upstream (<c>proxy_connect_timeout</c>). Default 2 s; range 1 s to 75 s.</summary>
    [Bounds(1, 75)]
    public TimeSpan ProxyConnect { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two reads of a member's response (<c>proxy_read_timeout</c>). Default 60 s.</summary>
    [Bounds(1, 86_400)]
    public TimeSpan ProxyRead { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two writes of a request to a member (<c>proxy_send_timeout</c>). Default 30 s.</summary>
    [Bounds(1, 86_400)]
    public TimeSpan ProxySend { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Between two messages of a WebSocket, or of an event stream that the client asked for with <c>Accept: text/event-stream</c>
    /// (<c>proxy_read_timeout</c>). Default 24 h: it stays open until one side closes it.
    /// </summary>
    [Bounds(1, 86_400)]
    public TimeSpan Session { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// For requests and WebSockets in flight when nginx reloads (<c>worker_shutdown_timeout</c>). Default, where the AppHost runs nginx:
    /// <see cref="Session"/>, so that a reload closes no WebSocket. In containers 25 s. On a server the
    /// distribution's configuration of nginx has it.
    /// </summary>
    [Bounds(1, 86_400)]
    public TimeSpan? Shutdown { get; init; }

    /// <summary>
    /// For requests in flight when the AppHost ends, or the command <c>stop</c> or <c>restart</c> ends nginx; those not answered by then
    /// are cut. Default 20 s. A published nginx is ended by its service manager, and <see cref="Shutdown"/> counts.
    /// </summary>
    [Bounds(1, 86_400)]
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>Limits of one request, and of one client address.</summary>
public sealed record NginxRequestLimits
{
    /// <summary>
    /// The largest request body in bytes (<c>client_max_body_size</c>); nginx answers a larger one with 413. Default 2 MiB: more than a
    /// service with the service defaults takes (1 MiB), so that the service answers the usual case itself. Range 1 byte to 1 TiB.
    /// </summary>
    [Bounds(1, 1L << 40)]
    public long MaxBodySize { get; init; } = 2 * 1024 * 1024;

    /// <summary>
    /// The largest request body in bytes that is held in memory (<c>client_body_buffer_size</c>); nginx writes a larger one to a temporary
    /// file. Default 16 KiB, as nginx's own; range 1 KiB to 1 GiB.
    /// </summary>
    [Bounds(1 << 10, 1 << 30)]
    public long BodyBufferSize { get; init; } = 16 * 1024;

    /// <summary>
    /// Requests in flight, of all clients, whose body may be larger than <see cref="BodyBufferSize"/>: its length has as many digits, or is
    /// unknown (<c>limit_conn</c>). nginx answers more with 503 and <c>Retry-After</c>. With <see cref="MaxBodySize"/> it bounds the
    /// temporary files of bodies: 800 MiB by default. Default 400; range 1 to 65,535.
    /// </summary>
    [Bounds(1, 65_535)]
    public int LargeBodies { get; init; } = 400;

    /// <summary>The same of one client address. Default 200; range 1 to 65,535.</summary>
    [Bounds(1, 65_535)]
    public int LargeBodiesPerClient { get; init; } = 200;

    /// <summary>
    /// The longest request line or header field in bytes (<c>large_client_header_buffers</c>). Default 32 KiB, which is what Kestrel takes
    /// of all headers together; range 1 KiB to 1 MiB.
    /// </summary>
    [Bounds(1 << 10, 1 << 20)]
    public int MaxHeaderSize { get; init; } = 32 * 1024;

    /// <summary>Buffers of <see cref="MaxHeaderSize"/> that the headers of one request may fill. Default 2; range 1 to 64.</summary>
    [Bounds(1, 64)]
    public int HeaderBuffers { get; init; } = 2;

    /// <summary>
    /// Requests per second of one client address (<c>limit_req</c>); nginx answers more with 429. Default: no limit. Range 1 to 1,000,000.
    /// </summary>
    [Bounds(1, 1_000_000)]
    public int? RequestsPerSecond { get; init; }

    /// <summary>
    /// Requests that one client address may send at once beyond <see cref="RequestsPerSecond"/> (<c>burst</c> with <c>nodelay</c>).
    /// Default 0; range 0 to 1,000,000.
    /// </summary>
    [Bounds(0, 1_000_000)]
    public int Burst { get; init; }

    /// <summary>
    /// Requests in flight of one client address (<c>limit_conn</c>); nginx answers more with 503 and <c>Retry-After</c>. Default: no limit.
    /// Range 1 to 65,535.
    /// </summary>
    [Bounds(1, 65_535)]
    public int? ConnectionsPerClient { get; init; }
}

/// <summary>nginx's worker processes.</summary>
public sealed record NginxWorkers
{
    /// <summary>
    /// The number of workers (<c>worker_processes</c>). Default: one per processor core (<c>auto</c>). Range 1 to 512. On a server the
    /// distribution's configuration of nginx has it.
    /// </summary>
    [Bounds(1, 512)]
    public int? Processes { get; init; }

    /// <summary>
    /// Connections of one worker, to clients and to members together (<c>worker_connections</c>). Default 20,480, which is enough for
    /// 10,000 clients, or fewer where the limit of open files is lower. Range 64 to 1,000,000.
    /// </summary>
    [Bounds(64, 1_000_000)]
    public int? Connections { get; init; }

    /// <summary>
    /// The system user that the workers run as when nginx is started as root (<c>user</c>). Default: the first of www-data, nginx and
    /// nobody that exists. A published nginx has the user of its image or of the server's own nginx.
    /// </summary>
    public string? User { get; init; }

    /// <summary>The system group that the workers run as. Default: the primary group of <see cref="User"/>.</summary>
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
    /// The share of requests whose trace is sampled, in nginx and in the resources behind it (<c>split_clients</c>). Default 0.0005; 0, or
    /// 0.0001 to 1. A sampled request takes as much of the processor, most of it in the dashboard, as thirty that are not. A client that
    /// asks not to be sampled is not; one that asks to be is, by this share. Requests that fail, and slow ones, always have a span of
    /// nginx, up to 100 a second.
    /// </summary>
    [Bounds(0.0001, 1, OrZero = true)]
    public double SamplingRatio { get; init; } = 0.0005;

    /// <summary>
    /// Whether every request is sampled while few clients are there, so that what is tried by hand is always found: with fewer than 10
    /// connections, the first 99 requests of each. Default true; false: <see cref="SamplingRatio"/> holds always.
    /// </summary>
    public bool SampleAllWhenQuiet { get; init; } = true;

    /// <summary>
    /// The share of requests that metrics are made from under load (<c>split_clients</c>): one request in 20, which counts as 20. Default
    /// 0.05; range 0.0001 to 1, rounded to one in a whole number; at least <see cref="SamplingRatio"/>; 1 logs every request. With fewer
    /// than 10 connections, the first 99 requests of each are all logged; requests that fail, are retried, or are slow always are.
    /// </summary>
    [Bounds(0.0001, 1)]
    public double MetricsRatio { get; init; } = 0.05;

    /// <summary>
    /// From which duration on a request is slow and has a span, whether its trace is sampled or not. Default 1 s; range 0 to 1 h.
    /// </summary>
    [Bounds(0, 3_600)]
    public TimeSpan SlowRequest { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often connections are counted (<c>stub_status</c>) and metrics are sent. Default 5 s; range 1 s to 1 h.</summary>
    [Bounds(1, 3_600)]
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

/// <summary>The smallest and the largest value of an option: its unit is the option's, and seconds for a duration.</summary>
/// <param name="minimum">The smallest value.</param>
/// <param name="maximum">The largest value.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BoundsAttribute(double minimum, double maximum) : Attribute
{
    public double Minimum => minimum;

    public double Maximum => maximum;

    /// <summary>Whether 0 will do as well.</summary>
    public bool OrZero { get; init; }
}
