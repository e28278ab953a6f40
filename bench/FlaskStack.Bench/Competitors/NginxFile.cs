namespace FlaskStack.Bench.Competitors;

/// <summary>Frames of nginx.conf that need nothing of the system's nginx.</summary>
internal static class NginxFile
{
    /// <summary>A whole configuration.</summary>
    /// <param name="ground">Where nginx runs.</param>
    /// <param name="main">Directives of the main context.</param>
    /// <param name="events">Directives of <c>events</c>.</param>
    /// <param name="http">Directives of <c>http</c>.</param>
    /// <param name="name">Tells several of one competitor apart.</param>
    /// <returns>The path of the file.</returns>
    public static string Write(
        Ground ground, string main, string events, string http, string name = "nginx") => ground.Write($"{name}.conf", $$"""
        {{User()}}worker_processes auto;
        pid {{ground.At(name)}}.pid;
        {{main}}
        events {
            {{events}}
        }
        http {
            types {
                text/html html;
            }
            default_type application/octet-stream;
            sendfile on;
            tcp_nopush on;
            keepalive_timeout 65;
            client_body_temp_path {{ground.At(name)}}-body;
            proxy_temp_path {{ground.At(name)}}-proxy;
            fastcgi_temp_path {{ground.At(name)}}-fastcgi;
            uwsgi_temp_path {{ground.At(name)}}-uwsgi;
            scgi_temp_path {{ground.At(name)}}-scgi;
            {{http}}
        }
        """);

    /// <summary>Files that a process may open at most.</summary>
    public static long FileLimit() =>
        File.ReadLines("/proc/self/limits")
            .Where(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4])
            .Select(hard => long.TryParse(hard, CultureInfo.InvariantCulture, out var files) ? files : 1_000_000)
            .First();

    /// <summary>Debian's user, which only root can change to.</summary>
    private static string User() => Environment.IsPrivilegedProcess ? "user www-data;\n" : "";
}
