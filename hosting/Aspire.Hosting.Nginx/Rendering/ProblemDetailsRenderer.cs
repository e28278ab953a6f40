using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>What nginx itself turns away, told as RFC 9457 problem details, as APIs tell their own errors.</summary>
internal static class ProblemDetailsRenderer
{
    /// <summary>nginx's own code for headers that do not fit; clients see 400.</summary>
    private const string HeadersTooLarge = "494";

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (!configuration.ProblemDetails)
        {
            return;
        }

        writer.Paragraph("Requests that nginx itself turns away, as problem details", "WithProblemDetails");
        var taken = configuration.ErrorPages.SelectMany(page => page.Codes).ToHashSet();
        foreach (var problem in Problems(configuration.Limits).Where(problem => !taken.Contains(problem.Status)))
        {
            var status = Number(problem.Status);
            // A path, not a named location: a request may be refused before nginx knows its URI, which a named location needs.
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
        /// <summary>The codes it is told for, as nginx counts them.</summary>
        public string Codes { get; init; } = Number(Status);

        // The texts are this class's own and need no escaping.
        public string ToJson() => $$"""{"type":"about:blank","title":"{{Title}}","status":{{Number(Status)}},"detail":"{{Detail}}"}""";
    }
}
