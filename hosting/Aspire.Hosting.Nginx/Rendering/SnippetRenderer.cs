using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Includes the user's own directives; texts are files too, so that nginx names them when they are wrong.</summary>
internal static class SnippetRenderer
{
    public static void Write(NginxConfigWriter writer, NginxConfiguration configuration, NginxRunPaths paths, NginxSnippetContext context)
    {
        if (configuration.Snippets.All(snippet => snippet.Context != context))
        {
            return;
        }

        writer.Paragraph("Snippets", "WithConfigSnippet");
        for (var index = 0; index < configuration.Snippets.Length; index++)
        {
            var snippet = configuration.Snippets[index];
            if (snippet.Context == context)
            {
                writer.Directive("include", Quote(snippet.Folder is { } folder ? $"{folder}/*.conf" : paths.SnippetFile(index)));
            }
        }
    }
}
