namespace Aspire.Hosting;

/// <summary>
/// Settings of gunicorn, by its own names. One that is set here wins over the application's configuration file; one that is
/// <see langword="null"/> is left to that file, then to the default.
/// </summary>
public sealed record GunicornOptions
{
    /// <summary>
    /// The number of worker processes (<c>workers</c>). Default: the variable <c>WEB_CONCURRENCY</c>, else two per processor and one more;
    /// range 1 to 1,000.
    /// </summary>
    public int? Workers { get; init; }

    /// <summary>
    /// The kind of worker (<c>worker_class</c>): <c>sync</c>, <c>gthread</c>, <c>gevent</c>, or a class such as
    /// <c>uvicorn.workers.UvicornWorker</c>, whose package the application's environment must have. Default <c>sync</c>.
    /// </summary>
    public string? WorkerClass { get; init; }

    /// <summary>The threads of each <c>gthread</c> worker (<c>threads</c>). Default 1; range 1 to 1,000.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// The most clients of each <c>gevent</c> or <c>gthread</c> worker at once (<c>worker_connections</c>). Default 1,000; range 1 to
    /// 100,000.
    /// </summary>
    public int? WorkerConnections { get; init; }

    /// <summary>
    /// How long a worker may be silent before it is killed and replaced (<c>timeout</c>). For a <c>sync</c> worker that is the longest
    /// request. Default 30 s; range 1 s to 24 h, in whole seconds.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// How long workers that are replaced or stopped may take to answer the requests they have (<c>graceful_timeout</c>). Default 30 s;
    /// range 1 s to 1 h, in whole seconds.
    /// </summary>
    public TimeSpan? GracefulTimeout { get; init; }

    /// <summary>
    /// How long an idle connection of the proxy stays open (<c>keepalive</c>); <c>sync</c> workers close each. A stop waits as long for
    /// idle connections. Default 5 s; range 0 to 1 h, in whole seconds.
    /// </summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>The requests after which a worker is replaced (<c>max_requests</c>). Default 0, never; range 0 to 1,000,000,000.</summary>
    public int? MaxRequests { get; init; }

    /// <summary>
    /// The most by which <see cref="MaxRequests"/> differs between workers (<c>max_requests_jitter</c>). Default 0; range 0 to
    /// 1,000,000,000.
    /// </summary>
    public int? MaxRequestsJitter { get; init; }

    /// <summary>
    /// Whether the master loads the application before it starts workers (<c>preload_app</c>): they share its memory, and a reload restarts
    /// the master. Default: no.
    /// </summary>
    public bool? Preload { get; init; }

    /// <summary>The application's configuration file, relative to its folder. Default <c>gunicorn.conf.py</c>, if there is one.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>
    /// Whether the headers of a response are sent together with the first 64 KiB of its body, which gunicorn by itself sends one after the
    /// other: when a worker is killed between the two, the proxy cannot ask another worker. No setting of gunicorn; default: yes.
    /// </summary>
    public bool JoinHeaders { get; init; } = true;
}
