using System.Collections.Immutable;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Bodies for nginx's own errors: pages, and problem details (RFC 9457).</summary>
internal static class ErrorPageRenderer
{
    private const string Origin = "WithProblemDetails";
    private const string ProblemVariable = "$problem";

    /// <summary>nginx's own code for headers that are too large; clients see 400.</summary>
    private const int HeadersTooLarge = 494;

    /// <summary>nginx's own code for HTTP on a port for TLS; clients see 400.</summary>
    private const int PlainToTls = 497;

    /// <summary>Where the problem details of each status are.</summary>
    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (configuration.ProblemDetails)
        {
            writer.Paragraph("Problem details (RFC 9457) by status", Origin);
            writer.Map(
                "$status",
                ProblemVariable,
                [.. Problems(configuration).Select(static problem => (Number(problem.Status), Quote(problem.ToJson())))]);
        }
    }

    /// <param name="writer">The configuration.</param>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="paths">Where the pages are.</param>
    /// <param name="isRetried">Whether 502 leads to a retry, which has the pages itself.</param>
    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths, bool isRetried)
    {
        bool IsIncluded(int code) => !isRetried || code != UpstreamRenderer.BadGateway;
        if (!configuration.ErrorPages.IsEmpty)
        {
            writer.Paragraph("Pages for nginx's own errors; the status code is kept", "WithErrorPage");
            WritePageDirectives(writer, configuration.ErrorPages, IsIncluded);
            writer.Open($"location ^~ {NginxConfiguration.ErrorPagesPath}");
            writer.Directive("internal");
            writer.Directive("alias", Quote($"{paths.ErrorPagesFolder}/"));
            WriteTypes(writer, configuration.ErrorPages);
            writer.Directive("charset", "utf-8");
            if (configuration.BasicAuth is not null
                || configuration.Snippets.Any(static snippet => snippet.Context == NginxSnippetContext.Server))
            {
                // A rule in a snippet that keeps a client out would keep it from the page that says so.
                writer.Directive("allow", "all");
                writer.Directive("auth_basic", "off");
            }

            // Without a page the error stays what it is, and does not become 404.
            writer.Open("if (!-f $request_filename)");
            writer.Directive("return", "200 $status");
            writer.Close();
            writer.Close();
        }

        WriteProblems(writer, configuration, IsIncluded);
    }

    /// <summary>Problem details for a server that has no pages.</summary>
    public static void WriteProblems(NginxConfigWriter writer, NginxConfiguration configuration, Func<int, bool> isIncluded)
    {
        if (!configuration.ProblemDetails)
        {
            return;
        }

        writer.Paragraph("Problem details for nginx's own errors; the status code is kept", Origin);
        WriteProblemDirective(writer, configuration, isIncluded);
        // A path and not a named location, which needs a URI: some requests are rejected before they have one.
        writer.Open($"location = {NginxConfiguration.ProblemPath}");
        writer.Directive("internal");
        writer.Directive("default_type", "application/problem+json");
        writer.Directive("return", $"200 {ProblemVariable}");
        writer.Close();
    }

    /// <summary>The <c>error_page</c> lines of a location that replaces those of the server.</summary>
    /// <returns>Whether there are any.</returns>
    public static bool WriteDirectives(NginxConfigWriter writer, NginxConfiguration configuration, Func<int, bool> isIncluded)
    {
        var hasPages = WritePageDirectives(writer, configuration.ErrorPages, isIncluded);
        return WriteProblemDirective(writer, configuration, isIncluded) || hasPages;
    }

    private static bool WritePageDirectives(NginxConfigWriter writer, ImmutableArray<NginxErrorPage> pages, Func<int, bool> isIncluded)
    {
        var any = false;
        for (var index = 0; index < pages.Length; index++)
        {
            var codes = string.Join(' ', pages[index].Codes.Where(isIncluded).Select(code => Number(code)));
            if (codes.Length > 0)
            {
                var page = NginxConfiguration.ErrorPagesPath + NginxRunPaths.ErrorPageName(index, pages[index]);
                writer.Directive("error_page", $"{codes} {page}");
                any = true;
            }
        }

        return any;
    }

    private static bool WriteProblemDirective(NginxConfigWriter writer, NginxConfiguration configuration, Func<int, bool> isIncluded)
    {
        var paged = configuration.ErrorPages.SelectMany(static page => page.Codes).ToHashSet();
        int[] codes = configuration.ProblemDetails
            ?
            [
                .. Problems(configuration)
                    .SelectMany(static problem => problem.Codes)
                    .Where(code => !paged.Contains(code) && isIncluded(code)),
            ]
            : [];
        if (codes.Length > 0)
        {
            var list = string.Join(' ', codes.Select(static code => Number(code)));
            writer.Directive("error_page", $"{list} {NginxConfiguration.ProblemPath}");
        }

        return codes.Length > 0;
    }

    /// <summary>The content types of pages that are not HTML.</summary>
    private static void WriteTypes(NginxConfigWriter writer, ImmutableArray<NginxErrorPage> pages)
    {
        string[] extensions = [.. pages.Select(static page => page.Extension).Distinct().Order(StringComparer.Ordinal)];
        if (extensions is not ["html"])
        {
            writer.Open("types");
            writer.Directives([.. extensions.Select(static extension => (MimeTypes.Of(extension), extension))]);
            writer.Close();
        }
    }

    private static IEnumerable<Problem> Problems(NginxConfiguration configuration) =>
    [
        new(400, "Bad Request", "The request is not valid HTTP, or its headers are too large.")
        {
            Codes = [400, HeadersTooLarge, .. configuration.Tls is null ? [] : new[] { PlainToTls }],
        },
        new(401, "Unauthorized", "Credentials are missing or wrong."),
        new(403, "Forbidden", "This client may not have this."),
        new(404, "Not Found", "There is nothing at this path."),
        new(405, "Method Not Allowed", "This method is not allowed here."),
        new(413, "Payload Too Large", $"The body is larger than {Number(configuration.Limits.MaxBodySize)} bytes."),
        new(414, "URI Too Long", "The request line is too long."),
        new(421, "Misdirected Request", "This host name is not served here."),
        new(429, "Too Many Requests", "This client sends more requests than it may."),
        new(500, "Internal Server Error", "The server failed."),
        new(501, "Not Implemented", "The server does not know this transfer encoding."),
        new(502, "Bad Gateway", "No instance of the service has answered."),
        new(503, "Service Unavailable", "The server has too much to do; try again later."),
        new(504, "Gateway Timeout", "The service has not answered in time."),
        new(505, "HTTP Version Not Supported", "The server speaks HTTP/1.1."),
    ];

    private sealed record Problem(int Status, string Title, string Detail)
    {
        /// <summary>The codes it stands for, as nginx counts them.</summary>
        public ImmutableArray<int> Codes { get; init; } = [Status];

        // The texts are this class's own and need no escaping.
        public string ToJson() => $$"""{"type":"about:blank","title":"{{Title}}","status":{{Number(Status)}},"detail":"{{Detail}}"}""";
    }
}
