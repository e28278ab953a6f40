namespace FlaskStack.Bench.Competitors;

/// <summary>The article's stack as the article configures it.</summary>
internal sealed class ArticleToTheLetter : IArticleSetup
{
    private readonly int _gunicornPort = FreePort.Next();

    /// <inheritdoc/>
    public string Key => "article";

    /// <inheritdoc/>
    public string Title => "article";

    /// <inheritdoc/>
    public string ReloadTitle => "supervisorctl reload";

    /// <inheritdoc/>
    public IReadOnlyList<string> Prefix => [];

    /// <inheritdoc/>
    public bool StartsNginx => false;

    /// <inheritdoc/>
    public string SupervisorOptions => "startsecs=0\nstopwaitsecs=0";

    /// <inheritdoc/>
    public string GunicornFile(Ground ground) => $"""
        import multiprocessing

        debug = True
        loglevel = "debug"
        bind = "127.0.0.1:{_gunicornPort}"
        pidfile = "{ground.At("gunicorn.pid")}"
        accesslog = "{ground.At("access.log")}"
        errorlog = "{ground.At("debug.log")}"
        logfile = "{ground.At("debug.log")}"
        workers = multiprocessing.cpu_count() * 2 + 1
        worker_class = "gevent"
        x_forwarded_for_header = "X-FORWARDED-FOR"
        """;

    /// <inheritdoc/>
    public string NginxProgram(string configuration) => $"""
        command=/usr/sbin/nginx -c {configuration}
        autostart=false
        autorestart=false
        startsecs=0
        """;

    /// <inheritdoc/>
    public string NginxMain(Ground ground) => $"error_log {ground.At("nginx-error.log")};";

    /// <inheritdoc/>
    public string NginxEvents(Ground ground) => "worker_connections 1024;";

    /// <inheritdoc/>
    public string NginxHttp(Ground ground) => $"""
        access_log {ground.At("nginx-access.log")};
            {ArticleLocation.Server(ground.Port, $"127.0.0.1:{_gunicornPort}", "proxy_set_header Host $host:80;")}
        """;

    /// <inheritdoc/>
    public Task ReloadAsync(ArticleStack article, RunningStack stack, CancellationToken cancellationToken) =>
        ArticleStack.ControlAsync(stack, ["reload"], cancellationToken);
}
