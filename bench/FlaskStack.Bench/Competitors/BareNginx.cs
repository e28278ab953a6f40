namespace FlaskStack.Bench.Competitors;

/// <summary>nginx with the least configuration that is fast, run as our stack runs its own: as batch work.</summary>
internal static class BareNginx
{
    /// <summary>Starts one.</summary>
    /// <param name="stack">The stack it belongs to.</param>
    /// <param name="http">Directives of <c>http</c>.</param>
    /// <param name="name">Tells several of one stack apart.</param>
    public static void Start(RunningStack stack, string http, string name = "nginx")
    {
        var ground = stack.Ground;
        var file = NginxFile.Write(
            ground,
            $"daemon off;\nerror_log stderr warn;\nworker_rlimit_nofile {NginxFile.FileLimit()};",
            "worker_connections 16384;",
            $"access_log off;\n    keepalive_requests 100000;\n    {http}",
            name);
        stack.Start([.. BatchWork.Prefix, "/usr/sbin/nginx", "-c", file]);
    }

    /// <summary>A server that passes everything on over connections that stay open.</summary>
    /// <param name="port">The port it serves.</param>
    /// <param name="members">Where to.</param>
    public static string PassingServer(int port, IEnumerable<string> members) => $$"""
        upstream behind {
                {{string.Join(' ', members.Select(member => $"server {member};"))}}
                keepalive 512;
                keepalive_requests 100000;
            }
            server {
                listen 127.0.0.1:{{port}};
                location / {
                    proxy_pass http://behind;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                }
            }
        """;
}
