namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>The content types of static files; nginx itself knows only three.</summary>
internal static class MimeTypes
{
    private static readonly (string Type, string Extensions)[] Types =
    [
        ("application/javascript", "js mjs"),
        ("application/json", "json map"),
        ("application/manifest+json", "webmanifest"),
        ("application/pdf", "pdf"),
        ("application/wasm", "wasm"),
        ("application/xml", "xml"),
        ("application/zip", "zip"),
        ("audio/mpeg", "mp3"),
        ("font/ttf", "ttf"),
        ("font/woff", "woff"),
        ("font/woff2", "woff2"),
        ("image/avif", "avif"),
        ("image/gif", "gif"),
        ("image/jpeg", "jpeg jpg"),
        ("image/png", "png"),
        ("image/svg+xml", "svg"),
        ("image/webp", "webp"),
        ("image/x-icon", "ico"),
        ("text/css", "css"),
        ("text/csv", "csv"),
        ("text/html", "html htm"),
        ("text/markdown", "md"),
        ("text/plain", "txt"),
        ("video/mp4", "mp4"),
        ("video/webm", "webm"),
    ];

    public static void Write(NginxConfigWriter writer)
    {
        writer.Paragraph("Content types of static files", "WithStaticFiles");
        writer.Directives(("default_type", "application/octet-stream"), ("sendfile", "on"), ("tcp_nopush", "on"));
        writer.Open("types");
        writer.Directives(Types);
        writer.Close();
    }
}
