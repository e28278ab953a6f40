namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Checks directives for a location.</summary>
/// <remarks>
/// nginx takes lists such as the headers of a response from the innermost block that has a line of them: one in a location would take away
/// those of the server block, with CORS and forwarded headers. And a location has one way of passing on, which is ours.
/// </remarks>
internal static class LocationSnippet
{
    private const string OnServer = "it belongs in WithServerSnippet";
    private const string OwnOption = "the route decides that";

    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["access_log"] = "use WithAccessLog",
        ["add_header"] = "use WithTransformResponseHeader",
        ["add_trailer"] = OnServer,
        ["error_page"] = OnServer,
        ["grpc_hide_header"] = OnServer,
        ["grpc_pass"] = OwnOption,
        ["grpc_set_header"] = "use WithTransformRequestHeader",
        ["if"] = "use WithMatchHeaders or WithMatchRouteQueryParameter",
        ["include"] = "write the directives themselves, which are published too",
        ["limit_conn"] = "use WithRequestLimits",
        ["limit_except"] = "use WithMatchMethods",
        ["limit_req"] = "use WithRateLimit",
        ["location"] = "use a route of its own",
        ["mirror"] = "use WithShadow",
        ["proxy_hide_header"] = "use WithTransformResponseHeader with an empty value",
        ["proxy_next_upstream"] = "use WithUpstream",
        ["proxy_pass"] = OwnOption,
        ["proxy_set_header"] = "use WithTransformRequestHeader",
        ["return"] = "use AddResponse or AddRedirect",
        ["rewrite"] = "use WithTransformPathPrefix or WithTransformPathRemovePrefix",
    };

    /// <summary>Whether it has a directive, which a block may have once.</summary>
    public static bool Has(string? text, string directive) => text is not null && Read(text).Names.Contains(directive);

    /// <summary>What is wrong with it.</summary>
    public static IEnumerable<string> Errors(string text)
    {
        var (names, problem) = Read(text);
        if (problem is not null)
        {
            yield return problem;
        }

        foreach (var name in names.Where(Refused.ContainsKey).Distinct(StringComparer.Ordinal))
        {
            yield return $"{name} in a location would take the place of what nginx has there from other options; {Refused[name]}.";
        }
    }

    /// <summary>The names of the directives, in all blocks, and why the text would end somewhere else than it should, or null.</summary>
    private static (IReadOnlyList<string> Names, string? Problem) Read(string text)
    {
        const string unended = "the last directive has no end; write a semicolon after it, or close its block or its quotes.";
        List<string> names = [];
        var (depth, isFirstWord, position) = (0, true, 0);
        while (position < text.Length)
        {
            var character = text[position];
            if (char.IsWhiteSpace(character))
            {
                position++;
            }
            else if (character == '#')
            {
                var end = text.IndexOf('\n', position);
                position = end < 0 ? text.Length : end;
            }
            else if (character is ';' or '{' or '}')
            {
                depth += character switch { '{' => 1, '}' => -1, _ => 0 };
                if (depth < 0)
                {
                    return (names, "a block is closed that was not opened; remove the brace.");
                }

                isFirstWord = true;
                position++;
            }
            else
            {
                var end = EndOfWord(text, position);
                if (end < 0)
                {
                    return (names, unended);
                }

                if (isFirstWord)
                {
                    names.Add(text[position..end].Trim('"', '\''));
                }

                isFirstWord = false;
                position = end;
            }
        }

        return (names, depth > 0 || !isFirstWord ? unended : null);
    }

    /// <summary>Where a word ends that begins at a position; negative where its quotes are not closed.</summary>
    private static int EndOfWord(string text, int position)
    {
        var quote = text[position] is '"' or '\'' ? text[position] : '\0';
        for (var index = quote == '\0' ? position : position + 1; index < text.Length; index++)
        {
            var character = text[index];
            if (character == '\\')
            {
                index++;
            }
            else if (quote != '\0' && character == quote)
            {
                return index + 1;
            }
            else if (quote == '\0' && character == '$' && index + 1 < text.Length && text[index + 1] == '{')
            {
                // The brace is of a variable.
                index++;
            }
            else if (quote == '\0' && (char.IsWhiteSpace(character) || character is ';' or '{'))
            {
                return index;
            }
        }

        return quote == '\0' ? text.Length : -1;
    }
}
