using System.Buffers;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

internal sealed class SnippetValidator : INginxValidator
{
    private static readonly SearchValues<char> PatternCharacters = SearchValues.Create("*?[]{}");

    public IEnumerable<string> Validate(NginxConfiguration configuration)
    {
        foreach (var snippet in configuration.Snippets)
        {
            if (snippet.Folder is { } folder && folder.AsSpan().ContainsAny(PatternCharacters))
            {
                yield return $"WithConfigSnippets: the folder {folder} has one of * ? [ ] {{ }} in its path, which nginx takes for a pattern; rename it.";
            }

            if (!Enum.IsDefined(snippet.Context))
            {
                yield return $"WithConfigSnippet: the context {snippet.Context} is none of {string.Join(", ", Enum.GetNames<NginxSnippetContext>())}.";
            }
        }
    }
}
