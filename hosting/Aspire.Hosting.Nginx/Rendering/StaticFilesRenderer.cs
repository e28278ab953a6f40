using System.Text.RegularExpressions;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Folders that nginx serves.</summary>
internal static class StaticFilesRenderer
{
    private const string Origin = "WithStaticFiles";
    private const string Fallback = "WithSpaFallback";

    /// <summary>What a client takes that takes brotli, unless it says q=0.</summary>
    private const string AcceptsBrotli = "$accepts_brotli";

    /// <summary>1 = send the file that is compressed with brotli.</summary>
    private const string SendsBrotli = "$sends_brotli";

    private const string BrotliPath = $"{NginxConfiguration.OwnPath}br";

    /// <summary>1 and the path that the client asked for = the request is for a file.</summary>
    private const string IsFile = "$static_file";

    /// <summary>A path that has nothing, for an internal redirect.</summary>
    private const string NonePath = $"{NginxConfiguration.OwnPath}none";

    /// <summary>A hash in the name, as bundlers write it: from 8 hexadecimal digits, of them a letter and a figure.</summary>
    private const string Hashed = "[.-](?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}[.][^/]*$";

    private const string Forever = "\"public, max-age=31536000, immutable\"";

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.StaticFiles.IsEmpty)
        {
            return;
        }

        writer.Paragraph("How long browsers keep files: for ever with a hash in the name, else they ask each time", Origin);
        writer.Map(
            IsFile,
            "$static_cache",
            [
                ($"\"~^1.*{Hashed}\"", Forever),
                .. configuration.StaticFiles.SelectMany(static files => files.ImmutableFolders.Select(folder => (
                    Quote($"~^1{Regex.Escape($"{RequestPath.Normalize(files.Path).TrimEnd('/')}/{folder.Trim('/')}/")}"), Forever))),
                ("\"~^1\"", "no-cache"),
            ]);
        if (HasBrotli(configuration))
        {
            writer.Paragraph("1 = the client takes brotli", Origin);
            writer.Map("$http_accept_encoding", AcceptsBrotli, ("\"~*(?:^|,) *br *(?:;(?! *q=0(?:[.]0*)? *(?:,|$))|,|$)\"", "1"));
        }

        if (configuration.StaticFiles.Any(static files => files.Fallback is not null))
        {
            writer.Paragraph("A path of the application in the browser, or a file that is missing", Fallback);
            writer.Open("map $uri $spa_path");
            writer.Directive("volatile");
            writer.Directives(("\"~[.][^/]*$\"", NonePath), ("default", "$spa_index"));
            writer.Close();
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.StaticFiles.IsEmpty)
        {
            return;
        }

        writer.Paragraph("Files", Origin);
        writer.Directive("set", $"{IsFile} \"\"");
        writer.Directive("add_header", "Cache-Control $static_cache");
        if (HasBrotli(configuration))
        {
            writer.Directives(("set $static_encoding", "\"\""), ("set $static_vary", "\"\""), ($"set {SendsBrotli}", "\"\""));
            writer.Directives(("add_header Content-Encoding", "$static_encoding"), ("add_header Vary", "$static_vary"));
        }

        if (configuration.StaticFiles.Any(static files => files.Fallback is not null))
        {
            writer.Directive("set", "$spa_index \"\"");
            writer.Open($"location = {NonePath}");
            writer.Directive("internal");
            writer.Directive("return", "404");
            writer.Close();
        }
    }

    public static void WriteLocations(NginxConfigWriter writer, NginxConfiguration configuration, NginxStaticFiles files)
    {
        writer.Paragraph($"{files.Path} is served from files", Origin);
        var path = RequestPath.Normalize(files.Path);
        if (path == "/")
        {
            writer.Open("location /");
            writer.Directive("root", Quote(files.Folder));
        }
        else
        {
            if (files.Fallback is not null)
            {
                writer.Open($"location = {Quote(path)}");
                writer.Directive("return", $"308 {Quote($"{files.Path.TrimEnd('/')}/")}");
                writer.Close();
            }

            writer.Open($"location {Quote(path + "/")}");
            writer.Directive("alias", Quote(files.Folder + "/"));
        }

        WriteFile(writer, configuration, files);
        if (files.Fallback is { } fallback)
        {
            writer.Origin = Fallback;
            writer.Directive("set", $"$spa_index {Quote($"{path.TrimEnd('/')}/{fallback}")}");
            // With an alias, try_files would lead to a wrong path.
            writer.Open("if (!-f $request_filename)");
            writer.Directive("rewrite", "^ $spa_path last");
            writer.Close();
            writer.Origin = Origin;
        }

        var number = configuration.StaticFiles.IndexOf(files) + 1;
        writer.Directive("set", $"{IsFile} 1$uri");
        if (files.HasBrotli)
        {
            writer.Open("if (-f $request_filename.br)");
            writer.Directive("set", "$static_vary Accept-Encoding");
            writer.Directive("set", $"{SendsBrotli} {AcceptsBrotli}");
            writer.Close();
            writer.Open($"if ({SendsBrotli})");
            writer.Directive("rewrite", $"^ {BrotliPath}/{Number(number)}$uri last");
            writer.Close();
        }

        TelemetryRenderer.WriteRoute(writer, configuration, files.Path);
        writer.Comment("Hidden files, such as .env and .git");
        writer.Open($"location ~ {Quote($"^{Regex.Escape(path.TrimEnd('/'))}/(?:.*/)?\\.(?!well-known(?:/|$))")}");
        writer.Directive("return", "404");
        writer.Close();
        writer.Close();
        if (files.HasBrotli)
        {
            WriteBrotli(writer, configuration, files, $"{BrotliPath}/{Number(number)}");
        }
    }

    private static bool HasBrotli(NginxConfiguration configuration) => configuration.StaticFiles.Any(static files => files.HasBrotli);

    /// <summary>The location of compressed files: its path has the extension of the file itself, and with it the content type.</summary>
    private static void WriteBrotli(NginxConfigWriter writer, NginxConfiguration configuration, NginxStaticFiles files, string location)
    {
        var path = Regex.Escape(RequestPath.Normalize(files.Path).TrimEnd('/'));
        writer.Paragraph($"Files of {files.Path} that are compressed with brotli", Origin);
        writer.Open($"location {location}/");
        writer.Directive("internal");
        writer.Open($"location ~ {Quote($"^{Regex.Escape(location)}{path}(?<brotli_path>/.*)$")}");
        writer.Directive("internal");
        writer.Directive("alias", $"\"{Escape(files.Folder)}$brotli_path.br\"");
        writer.Directive("set", "$static_encoding br");
        writer.Directive("gzip", "off");
        WriteFile(writer, configuration, files, isBrotli: true);
        TelemetryRenderer.WriteRoute(writer, configuration, files.Path);
        writer.Close();
        writer.Close();
    }

    private static void WriteFile(
        NginxConfigWriter writer, NginxConfiguration configuration, NginxStaticFiles files, bool isBrotli = false)
    {
        writer.Directive("charset", "utf-8");
        // The message would hold the path that the client made up.
        writer.Directive("log_not_found", "off");
        if (configuration.HasGzipStatic && !isBrotli)
        {
            writer.Directives(("gzip_static", "on"), ("gzip_vary", "on"));
        }

        if (!configuration.IsContainer)
        {
            // Where files are mounted they may be links, and there are no others.
            writer.Directive("disable_symlinks", $"on {Quote($"from={files.Folder}/")}");
        }
    }
}

/// <summary>The content types of static files; nginx itself knows only three.</summary>
internal static class MimeTypes
{
    private static readonly (string Type, string Extensions)[] Types =
    [
        ("application/javascript", "js mjs"),
        ("application/json", "json map"),
        ("application/ld+json", "jsonld"),
        ("application/manifest+json", "webmanifest"),
        ("application/pdf", "pdf"),
        ("application/wasm", "wasm"),
        ("application/xml", "xml"),
        ("application/zip", "zip"),
        ("audio/mpeg", "mp3"),
        ("audio/ogg", "oga ogg"),
        ("font/otf", "otf"),
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
        ("text/vtt", "vtt"),
        ("video/mp4", "mp4"),
        ("video/webm", "webm"),
    ];

    /// <summary>The content type of an extension that is in the list.</summary>
    public static string Of(string extension) => Types.First(type => type.Extensions.Split(' ').Contains(extension)).Type;

    public static void Write(NginxConfigWriter writer)
    {
        writer.Paragraph("Content types of static files", "WithStaticFiles");
        writer.Directives(("default_type", "application/octet-stream"), ("sendfile", "on"), ("tcp_nopush", "on"));
        writer.Open("types");
        writer.Directives(Types);
        writer.Close();
    }
}
