using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>The cache of responses. Streams do not pass it: their routes are not buffered.</summary>
internal static class CacheRenderer
{
    private const string Origin = "WithCache";
    private const string Zone = "response_cache";

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths)
    {
        if (configuration.Cache is { } cache)
        {
            writer.Paragraph("Responses that say for how long they may be kept", Origin);
            var size = $"max_size={Size(cache.MaxSize)} inactive={Time(cache.Inactive)} use_temp_path=off";
            writer.Directive("proxy_cache_path", $"{Quote(paths.CacheFolder)} levels=1:2 keys_zone={Zone}:4m {size}");
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.Cache is not { } cache || configuration.Routes.IsEmpty)
        {
            return;
        }

        writer.Paragraph("Responses that say for how long they may be kept, and were not asked for with credentials", Origin);
        writer.Directives(
            ("proxy_cache", Zone),
            ("proxy_cache_key", $"{ClientRenderer.SchemeOf(configuration)}://$host$request_uri"),
            ("proxy_cache_lock", "on"),
            ("proxy_cache_bypass", "$http_authorization"),
            ("proxy_no_cache", "$http_authorization"));
        if (cache.ServeStale)
        {
            writer.Directives(
                ("proxy_cache_use_stale", "updating error timeout"), ("proxy_cache_background_update", "on"));
        }

        writer.Directive("add_header", "X-Cache $upstream_cache_status always");
    }
}
