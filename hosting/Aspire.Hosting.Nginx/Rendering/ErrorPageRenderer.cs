using System.Collections.Immutable;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Bodies for nginx's own errors: pages, and problem details (RFC 9457).</summary>
internal static class ErrorPageRenderer
{
    /// <summary>nginx's own code for headers that are too large; clients see 400.</summary>
    private const string HeadersTooLarge = "494";

    /// <param name="writer">The configuration.</param>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="paths">Where the pages are.</param>
    /// <param name="isRetried">Whether 502 leads to a retry, which has the pages itself.</param>
    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths, bool isRetried)
    {
        if (!configuration.ErrorPages.IsEmpty)
        {
            writer.Paragraph("Pages for nginx's own errors; the status code is kept", "WithErrorPage");
            WriteDirectives(writer, configuration.ErrorPages, code => !isRetried || code != UpstreamRenderer.BadGateway);
            writer.Open($"location ^~ {NginxConfiguration.ErrorPagesPath}");
            writer.Directive("internal");
            writer.Directive("alias", Quote($"{paths.ErrorPagesFolder}/"));
            writer.Directive("charset", "utf-8");
            if (configuration.Snippets.Any(static snippet => snippet.Context == NginxSnippetContext.Server))
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

        if (configuration.ProblemDetails)
        {
            WriteProblems(writer, configuration);
        }
    }

    /// <summary>The <c>error_page</c> lines.</summary>
    public static void WriteDirectives(NginxConfigWriter writer, ImmutableArray<NginxErrorPage> pages, Func<int, bool> isIncluded)
    {
        for (var index = 0; index < pages.Length; index++)
        {
            var codes = string.Join(' ', pages[index].Codes.Where(isIncluded).Select(code => Number(code)));
            if (codes.Length > 0)
            {
                writer.Directive("error_page", $"{codes} {NginxConfiguration.ErrorPagesPath}{NginxRunPaths.ErrorPageName(index)}");
            }
        }
    }

    private static void WriteProblems(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        writer.Paragraph("Problem details (RFC 9457) for requests that nginx rejects", "WithProblemDetails");
        var taken = configuration.ErrorPages.SelectMany(page => page.Codes).ToHashSet();
        foreach (var problem in Problems(configuration.Limits).Where(problem => !taken.Contains(problem.Status)))
        {
            var status = Number(problem.Status);
            // A path and not a named location, which needs a URI: some requests are rejected before they have one.
            var path = NginxConfiguration.ProblemsPath + status;
            writer.Directive("error_page", $"{problem.Codes} {path}");
            writer.Open($"location = {path}");
            writer.Directive("internal");
            writer.Directive("default_type", "application/problem+json");
            writer.Directive("return", $"{status} {Quote(problem.ToJson())}");
            writer.Close();
        }
    }

    private static IEnumerable<Problem> Problems(NginxRequestLimits limits) =>
    [
        new(400, "Bad Request", "The request is not valid HTTP, or its headers are too large.") { Codes = $"400 {HeadersTooLarge}" },
        new(413, "Payload Too Large", $"The body is larger than {Number(limits.MaxBodySize)} bytes."),
        new(414, "URI Too Long", "The request line is too long."),
        new(429, "Too Many Requests", "This client sends more requests, or holds more connections, than it may."),
    ];

    private sealed record Problem(int Status, string Title, string Detail)
    {
        /// <summary>The codes it stands for, as nginx counts them.</summary>
        public string Codes { get; init; } = Number(Status);

        // The texts are this class's own and need no escaping.
        public string ToJson() => $$"""{"type":"about:blank","title":"{{Title}}","status":{{Number(Status)}},"detail":"{{Detail}}"}""";
    }
}
