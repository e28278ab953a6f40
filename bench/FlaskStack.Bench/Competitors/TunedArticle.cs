using FlaskStack.Bench.Processes;

namespace FlaskStack.Bench.Competitors;

/// <summary>
/// The article's stack as somebody who knows it would set it up: no debug and access logs, connections to gunicorn kept open, room
/// for 10,000 clients, nginx supervised, signals for a reload.
/// </summary>
/// <param name="tuning">What was found by trying.</param>
internal sealed class TunedArticle(ArticleTuning tuning) : IArticleSetup
{
    private const int FilesBesideConnections = 256;
    private const int MostConnections = 20_480;
    private readonly int _gunicornPort = FreePort.Next();

    /// <inheritdoc/>
    public string Key => "article-tuned";

    /// <inheritdoc/>
    public string Title => "article, tuned";

    /// <inheritdoc/>
    public string ReloadTitle => "HUP to gunicorn and nginx";

    /// <inheritdoc/>
    public IReadOnlyList<string> Prefix => tuning.AsBatch ? BatchWork.Prefix : [];

    /// <inheritdoc/>
    public bool StartsNginx => true;

    /// <inheritdoc/>
    public string SupervisorOptions => "stopwaitsecs=35\nkillasgroup=true";

    /// <inheritdoc/>
    public string GunicornFile(Ground ground) => $"""
        bind = "127.0.0.1:{_gunicornPort}"
        pidfile = "{ground.At("gunicorn.pid")}"
        errorlog = "{ground.At("gunicorn-error.log")}"
        loglevel = "warning"
        workers = {tuning.Workers}
        worker_class = "gevent"
        worker_connections = 10000
        backlog = 8192
        keepalive = 75
        """;

    /// <inheritdoc/>
    public string NginxProgram(string configuration) => $"""
        command=/usr/sbin/nginx -c {configuration} -g "daemon off;"
        autostart=true
        autorestart=true
        stopsignal=QUIT
        killasgroup=true
        """;

    /// <inheritdoc/>
    public string NginxMain(Ground ground) => $"""
        error_log {ground.At("nginx-error.log")};
        worker_rlimit_nofile {NginxFile.FileLimit()};
        """;

    /// <inheritdoc/>
    public string NginxEvents(Ground ground) =>
        $"worker_connections {Math.Min(MostConnections, NginxFile.FileLimit() - FilesBesideConnections)};";

    /// <inheritdoc/>
    public string NginxHttp(Ground ground) => $$"""
        access_log off;
            client_body_buffer_size 256k;
            upstream gunicorn {
                server 127.0.0.1:{{_gunicornPort}};
                keepalive 512;
            }
            {{ArticleLocation.Server(ground.Port, "gunicorn", Headers)}}
        """;

    private const string Headers = """
        proxy_set_header Host $host;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
        """;

    /// <inheritdoc/>
    public Task ReloadAsync(ArticleStack article, RunningStack stack, CancellationToken cancellationToken)
    {
        NativeMethods.Signal(ArticleStack.Master(), NativeMethods.HangUp);
        NativeMethods.Signal(ArticleStack.NginxMaster(), NativeMethods.HangUp);
        return Task.CompletedTask;
    }
}
