namespace FlaskStack.Bench.Competitors;

/// <summary>The article's nginx server block.</summary>
internal static class ArticleLocation
{
    /// <summary>The block.</summary>
    /// <param name="port">The port nginx serves.</param>
    /// <param name="upstream">Where gunicorn is.</param>
    /// <param name="more">Further directives of the location.</param>
    public static string Server(int port, string upstream, string more) => $$"""
        server {
                listen 127.0.0.1:{{port}};
                server_name localhost;
                location / {
                    add_header Access-Control-Allow-Origin *;
                    add_header Access-Control-Allow-Methods 'GET, POST, OPTIONS';
                    add_header Access-Control-Allow-Headers 'DNT,X-Mx-ReqToken,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Authorization';
                    if ($request_method = 'OPTIONS') {
                        return 204;
                    }
                    proxy_pass http://{{upstream}};
                    proxy_set_header X-Real-IP $remote_addr;
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    {{more}}
                }
                error_page 500 502 503 504 /50x.html;
                location = /50x.html {
                    root html;
                }
            }
        """;
}
