using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Gunicorn.Configuration;

/// <summary>What a gunicorn application is: where it lies, what serves it, and the options.</summary>
internal sealed class GunicornAnnotation(string folder, string application) : IResourceAnnotation
{
    /// <summary>The full path of the folder.</summary>
    public string Folder => folder;

    /// <summary>The module and the variable, such as <c>wsgi:app</c>.</summary>
    public string Application => application;

    public GunicornOptions Options { get; set; } = new();

    /// <summary>The folder of the virtual environment, or null for the one that is found or made.</summary>
    public string? VirtualEnvironment { get; set; }

    /// <summary>The packages that serving it needs, besides what it asks for itself.</summary>
    public IEnumerable<string> Packages => Options.WorkerClass switch
    {
        "gevent" or "eventlet" => [$"gunicorn[{Options.WorkerClass}]"],
        { } name when name.StartsWith("uvicorn.", StringComparison.Ordinal) => ["gunicorn", "uvicorn"],
        _ => ["gunicorn"],
    };
}

/// <summary>Writes gunicorn's configuration file: defaults, the application's own file, and what the AppHost sets.</summary>
internal static class GunicornSettings
{
    /// <summary>The name of the application's own file.</summary>
    public const string UsualFile = "gunicorn.conf.py";

    /// <summary>Under load nginx uses a connection again sooner, and a stop waits so long for idle ones.</summary>
    private const int KeepAliveSeconds = 5;

    /// <remarks>
    /// gunicorn sends the headers by themselves. A proxy that has them cannot ask another worker any more, and a worker that is killed
    /// under load is often between the two. The configuration is read again at each reload, hence the question at the start.
    /// </remarks>
    private const string JoinedHeaders = """

        # Headers are sent together with the first part of the body, so that the proxy has both of a killed worker or none
        from gunicorn.http import wsgi


        class _Joined(bytearray):
            sendall = bytearray.extend


        def _join_headers(write):
            def joined(response, data):
                if response.headers_sent or not isinstance(data, bytes) or len(data) > 65536:
                    return write(response, data)
                sock, response.sock = response.sock, _Joined()
                try:
                    write(response, data)
                finally:
                    first, response.sock = response.sock, sock
                    sock.sendall(first)

            joined.joins_headers = True
            return joined


        if not hasattr(wsgi.Response.write, "joins_headers"):
            wsgi.Response.write = _join_headers(wsgi.Response.write)

        """;

    private static readonly JsonSerializerOptions PlainText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the file.</summary>
    /// <param name="name">The name of the resource.</param>
    /// <param name="options">The options.</param>
    /// <param name="ownFile">The path of the application's own file, or null without one.</param>
    /// <param name="bind">The addresses to listen on; none where <paramref name="end"/> has them.</param>
    /// <param name="end">Further statements, or null.</param>
    public static string Render(string name, GunicornOptions options, string? ownFile, IReadOnlyCollection<string> bind, string? end = null)
    {
        var text = new StringBuilder()
            .Append("# gunicorn's settings of ").Append(name).Append(", written by the AppHost. Later ones win over earlier ones, and\n")
            .Append("# the variable GUNICORN_CMD_ARGS over all of them.\n")
            .Append("import os\n\n")
            .Append("# Defaults\n")
            .Append("workers = int(os.environ.get(\"WEB_CONCURRENCY\") or 2 * (os.cpu_count() or 1) + 1)\n")
            .Append($"keepalive = {KeepAliveSeconds}\n")
            .Append("# Only the Unix socket is trusted with forwarded headers: every user of a machine can reach a port.\n")
            .Append("forwarded_allow_ips = os.environ.get(\"FORWARDED_ALLOW_IPS\", \"\")\n");
        if (ownFile is not null)
        {
            text.Append("\n# The application's own\n")
                .Append("__file__ = ").Append(Text(ownFile)).Append('\n')
                .Append("with open(__file__, encoding=\"utf-8\") as _own:\n")
                .Append("    exec(compile(_own.read(), __file__, \"exec\"))\n");
        }

        text.Append("\n# Set by the AppHost\n");
        foreach (var (setting, value) in Given(options))
        {
            text.Append(setting).Append(" = ").Append(value).Append('\n');
        }

        if (bind.Count > 0)
        {
            text.Append("bind = [").AppendJoin(", ", bind.Select(Text)).Append("]\n");
        }

        return text
            .Append("daemon = False\n")
            .Append(options.JoinHeaders ? JoinedHeaders : null)
            .Append(end)
            .ToString();
    }

    /// <summary>A text as Python writes it, which for these is as JSON does.</summary>
    public static string Text(string text) => JsonSerializer.Serialize(text, PlainText);

    private static IEnumerable<(string Setting, string Value)> Given(GunicornOptions options) =>
        new (string Setting, string? Value)[]
        {
            ("workers", Number(options.Workers)),
            ("worker_class", options.WorkerClass is { } name ? Text(name) : null),
            ("threads", Number(options.Threads)),
            ("worker_connections", Number(options.WorkerConnections)),
            ("timeout", Seconds(options.Timeout)),
            ("graceful_timeout", Seconds(options.GracefulTimeout)),
            ("keepalive", Seconds(options.KeepAlive)),
            ("max_requests", Number(options.MaxRequests)),
            ("max_requests_jitter", Number(options.MaxRequestsJitter)),
            ("preload_app", options.Preload is { } preload ? (preload ? "True" : "False") : null),
        }
        .Where(static setting => setting.Value is not null)
        .Select(static setting => (setting.Setting, setting.Value!));

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Seconds(TimeSpan? time) => time?.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}
