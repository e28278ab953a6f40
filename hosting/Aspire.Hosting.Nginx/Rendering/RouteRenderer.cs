using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>The locations of routes, and what differs from route to route: methods, paths, headers, redirects, fixed responses.</summary>
/// <remarks>
/// A header is set in the server block with a variable that each route may set: nginx takes the list of headers from the innermost block
/// that has one, and then those of the server block and of snippets would be lost.
/// </remarks>
internal static class RouteRenderer
{
    private const string Origin = "WithConfiguration";
    private const string UpstreamUri = "$upstream_uri";
    private const string ForwardedPrefix = "$forwarded_prefix";
    private const string AllowedMethods = "$allowed_methods";

    /// <summary>A segment that would lead out of the path, in all spellings.</summary>
    private const string NoDotSegments = "(?![^?]*(?:/|%2f)(?:\\.|%2e){1,2}(?:/|%2f|\\?|$))";

    /// <summary>The path and the query that members are asked for, where the request has been redirected inside nginx.</summary>
    public static string UriOf(NginxConfiguration configuration) =>
        configuration.Routes.Any(static route => route.ChangesPath) ? UpstreamUri : "$request_uri";

    /// <summary>What members are told of the prefix that was removed.</summary>
    public static string PrefixOf(NginxConfiguration configuration) =>
        configuration.Routes.Any(static route => route.RemovedPrefix is not null) ? ForwardedPrefix : "\"\"";

    /// <summary>The internal redirects of a request before it comes to the location of its route.</summary>
    public static int RedirectsOf(NginxConfiguration configuration) =>
        (HasChoices(configuration) ? 1 : 0) + (configuration.Routes.Any(static route => route.Canary is not null) ? 1 : 0);

    public static void WriteHttp(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        if (Texts(configuration).Any(static text => text.Contains('$', StringComparison.Ordinal)))
        {
            writer.Paragraph("A dollar sign, which begins a variable elsewhere", Origin);
            writer.Open("geo $dollar");
            writer.Directive("default", "\"$\"");
            writer.Close();
        }

        var variables = Variables(configuration).Distinct().ToArray();
        if (variables.Length > 0)
        {
            writer.Paragraph("What routes may change, and what it is where they do not", Origin);
            foreach (var (variable, value) in variables)
            {
                writer.Map("\"\"", variable, ("default", value));
            }
        }

        for (var index = 0; index < configuration.Routes.Length; index++)
        {
            if (configuration.Routes[index] is { IsConditional: true } route)
            {
                WriteConditions(writer, route, index + 1);
            }

            if (configuration.Routes[index].Canary is { } canary)
            {
                WriteShare(writer, configuration.Routes[index].Path, index + 1, canary);
            }
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxConfiguration configuration)
    {
        string[] requests = [.. Names(configuration.Routes, static route => route.RequestHeaders)];
        string[] responses = [.. Names(configuration.Routes, static route => route.ResponseHeaders)];
        if (requests.Length > 0 || responses.Length > 0)
        {
            writer.Paragraph("Headers that routes change", Origin);
            writer.Directives([.. requests.Select(static name => ($"proxy_set_header {name}", RequestVariable(name)))]);
            writer.Directives([.. responses.Select(static name => ("proxy_hide_header", name))]);
            writer.Directives([.. responses.Select(static name => ($"add_header {name}", $"{ResponseVariable(name)} always"))]);
        }

        if (HasMethods(configuration))
        {
            writer.Paragraph("The methods of a path, for 405", Origin);
            writer.Directive($"add_header Allow {AllowedMethods} always");
        }
    }

    /// <remarks>No part of a request has a line feed in it, so that each stays where it is in the text.</remarks>
    private static void WriteConditions(NginxConfigWriter writer, NginxRoute route, int number)
    {
        writer.Paragraph($"1 = a request for {route.Path} with {Conditions(route)}", route.Option);
        // Who takes GET takes HEAD.
        string[] methods = [.. route.Methods.Concat(route.Methods.Contains("GET") ? ["HEAD"] : Array.Empty<string>()).Distinct()];
        string[] sources =
        [
            "$request_method",
            .. route.Headers.Select(static match => $"$http_{FieldOf(match.Name)}"),
            .. route.QueryParameters.Select(static match => $"$arg_{match.Name}"),
        ];
        string[] patterns =
        [
            methods.Length == 0 ? "[^\\n]*" : $"(?-i:{string.Join('|', methods.Select(Regex.Escape))})",
            .. route.Headers.Select(static match => PatternOf(match, static value => Escaped(value, isQuery: false))),
            .. route.QueryParameters.Select(static match => PatternOf(match, static value => Escaped(value, isQuery: true))),
        ];
        writer.Map(
            $"\"{string.Join("\\n", sources)}\"", ConditionVariable(number), ($"\"~*^{string.Join("\\n", patterns)}$\"", "1"));
    }

    private static string PatternOf(NginxMatch match, Func<string, string> pattern) =>
        match.Values.IsEmpty ? "[^\\n]+" : $"(?:{string.Join('|', match.Values.Select(pattern))})";

    /// <summary>A value as a pattern in quotes; in a query it may be escaped, and a space is a plus sign too.</summary>
    private static string Escaped(string value, bool isQuery) => string.Concat(Encoding.UTF8.GetBytes(value).Select(part =>
    {
        var character = (char)part;
        var code = part.ToString("x2", CultureInfo.InvariantCulture);
        return char.IsAsciiLetterOrDigit(character) ? character.ToString()
            : !isQuery ? $"\\\\x{code}"
            : character == ' ' ? "(?:\\\\+|%20)"
            : $"(?:\\\\x{code}|%{code})";
    }));

    private static string Conditions(NginxRoute route) => string.Join(", ", route.Headers
        .Select(static match => match.Values.IsEmpty ? match.Name : $"{match.Name}: {string.Join(" or ", match.Values)}")
        .Concat(route.QueryParameters.Select(static match =>
            match.Values.IsEmpty ? $"?{match.Name}" : $"?{match.Name}={string.Join(" or ", match.Values)}")));

    /// <summary>Who is in a share stays in it when it grows.</summary>
    private static void WriteShare(NginxConfigWriter writer, string path, int number, NginxCanary canary)
    {
        writer.Paragraph($"The share of {path} that goes to {canary.Upstream}{(canary.IsSticky ? ", by client" : "")}", "WithCanary");
        var key = canary.IsSticky ? "$remote_addr$http_user_agent" : "$request_id";
        var share = canary.Percent.ToString("0.##", CultureInfo.InvariantCulture);
        writer.Open($"split_clients \"{key} {path}\" {CanaryVariable(number)}");
        writer.Directives(canary.Percent > 0 ? [($"{share}%", "1"), ("*", "\"\"")] : [("*", "\"\"")]);
        writer.Close();
    }

    /// <summary>The locations of all routes.</summary>
    public static void WriteLocations(
        NginxConfigWriter writer, NginxConfiguration configuration, IReadOnlyList<NginxUpstream> upstreams)
    {
        foreach (var path in configuration.Routes.GroupBy(static route => RequestPath.Normalize(route.Path), StringComparer.Ordinal))
        {
            WriteLocations(writer, configuration, [.. path], upstreams);
        }
    }

    /// <summary>A path is for itself and what is below it, but not for longer names: /api is not /apis.</summary>
    private static void WriteLocations(
        NginxConfigWriter writer, NginxConfiguration configuration, NginxRoute[] routes, IReadOnlyList<NginxUpstream> upstreams)
    {
        // Requests of the last route stay in the location of the path, and the others go on from there.
        var last = routes[^1];
        var rest = last.IsConditional ? null : last;
        var others = rest is null ? routes : routes[..^1];
        var path = RequestPath.Decode(last.Path)!;
        string[] methods = [.. routes.SelectMany(static route => route.Methods).Distinct()];
        writer.Paragraph(
            $"{last.Path} {(rest is null ? "is passed on by header and query" : $"{Description(rest, upstreams)}{MethodsOf(rest)}")}",
            last.Option);
        foreach (var isExact in path.EndsWith('/') ? [false] : new[] { true, false })
        {
            writer.Open($"location {(isExact ? "= " : "")}{Quote(isExact || path.EndsWith('/') ? path : path + "/")}");
            foreach (var route in others)
            {
                WriteChange(
                    writer,
                    route.IsConditional ? ConditionVariable(route.Number) : $"$request_method ~ {OneOf([.. route.Methods])}",
                    NameOf(route));
            }

            if (rest is null)
            {
                writer.Directive("return", "404");
            }
            else
            {
                if (!rest.Methods.IsEmpty)
                {
                    writer.Open($"if ($request_method !~ {OneOf(methods)})");
                    writer.Directive("set", $"{AllowedMethods} \"{string.Join(", ", methods)}\"");
                    writer.Directive("return", "405");
                    writer.Close();
                }

                WriteRoute(writer, configuration, rest, upstreams, isExact ? path : null, isInternal: false);
            }

            writer.Close();
        }

        foreach (var route in routes)
        {
            WriteCanary(writer, configuration, route, upstreams);
        }

        foreach (var route in others)
        {
            writer.Paragraph($"{route.Path} {Description(route, upstreams)}{MethodsOf(route)}", route.Option);
            writer.Open($"location = {NameOf(route)}");
            writer.Directive("internal");
            WriteRoute(writer, configuration, route, upstreams, exactPath: null, isInternal: true);
            writer.Close();
        }
    }

    private static void WriteCanary(
        NginxConfigWriter writer, NginxConfiguration configuration, NginxRoute route, IReadOnlyList<NginxUpstream> upstreams)
    {
        if (IsSplit(route, upstreams))
        {
            var canary = route with { Upstream = route.Canary!.Upstream, Canary = null, Shadow = null };
            writer.Paragraph($"A share of {route.Path} {Description(canary, upstreams)}{MethodsOf(route)}", "WithCanary");
            writer.Open($"location = {CanaryOf(route)}");
            writer.Directive("internal");
            WriteRoute(writer, configuration, canary, upstreams, exactPath: null, isInternal: true);
            writer.Close();
        }
    }

    /// <summary>Whether there is a member for the share.</summary>
    private static bool IsSplit(NginxRoute route, IReadOnlyList<NginxUpstream> upstreams) =>
        route.Canary is { } canary && UpstreamRenderer.Find(upstreams, canary.Upstream) is not null;

    /// <summary>Sends a request on to a location of another name.</summary>
    public static void WriteChange(NginxConfigWriter writer, string test, string location)
    {
        writer.Open($"if ({test})");
        writer.Directive("rewrite", $"^ {location} last");
        writer.Close();
    }

    /// <param name="writer">The configuration.</param>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="route">The route.</param>
    /// <param name="upstreams">The upstreams with their members.</param>
    /// <param name="exactPath">The only path that the location is for; null where more than one.</param>
    /// <param name="isInternal">Whether the location has another name than the path.</param>
    private static void WriteRoute(
        NginxConfigWriter writer,
        NginxConfiguration configuration,
        NginxRoute route,
        IReadOnlyList<NginxUpstream> upstreams,
        string? exactPath,
        bool isInternal)
    {
        TelemetryRenderer.WriteRoute(writer, configuration, route.Path);
        if (IsSplit(route, upstreams))
        {
            WriteChange(writer, CanaryVariable(route.Number), CanaryOf(route));
        }

        WriteHeaders(writer, route);
        if (route.Redirect is { } redirect)
        {
            WriteRedirect(writer, route, redirect);
        }
        else if (route.Response is { } response)
        {
            WriteResponse(writer, response);
        }
        else if (UpstreamRenderer.Find(upstreams, route.Upstream!) is { } upstream)
        {
            WritePath(writer, route, exactPath, isInternal);
            ProxyRenderer.WritePass(writer, configuration, route, upstream, upstreams, isInternal);
            SnippetRenderer.WriteLocation(writer, route);
        }
        else
        {
            writer.Directive("return", Number(UpstreamRenderer.BadGateway));
        }
    }

    private static void WriteHeaders(NginxConfigWriter writer, NginxRoute route)
    {
        var requests = route.RequestHeaders.Select(static header => (RequestVariable(header.Name), Literal(header.Value)));
        var responses = route.ResponseHeaders.Select(static header => (ResponseVariable(header.Name), Literal(header.Value)));
        foreach (var (variable, value) in requests.Concat(responses))
        {
            writer.Directive("set", $"{variable} {value}");
        }
    }

    /// <summary>
    /// Changes the path as the client wrote it: escapes such as %2F stay. One that nginx itself had to resolve first is rejected.
    /// </summary>
    private static void WritePath(NginxConfigWriter writer, NginxRoute route, string? exactPath, bool isInternal)
    {
        if (route.RemovedPrefix is not { } prefix)
        {
            if (route.AddedPrefix is { } added)
            {
                writer.Directive("set", $"{UpstreamUri} {Quote(added)}$request_uri");
            }

            return;
        }

        var isWhole = RequestPath.Decode(route.Path) == RequestPath.Normalize(prefix) && (isInternal || exactPath is not null);
        writer.Directive("set", $"{ForwardedPrefix} {prefix}");
        writer.Directive("set", $"{UpstreamUri} \"\"");
        if (isWhole)
        {
            WriteRest(writer, prefix, "(?:\\?.*)?", route.AddedPrefix ?? "/");
        }

        if (isInternal || !isWhole)
        {
            WriteRest(writer, prefix, $"{NoDotSegments}/.*", route.AddedPrefix ?? "");
        }

        writer.Open($"if ({UpstreamUri} = \"\")");
        writer.Directive("return", "400");
        writer.Close();
    }

    private static void WriteRest(NginxConfigWriter writer, string prefix, string rest, string start)
    {
        writer.Open($"if ($request_uri ~* {Quote($"^{PatternOf(prefix)}(?<path_rest>{rest})$")})");
        writer.Directive("set", $"{UpstreamUri} {start}$path_rest");
        writer.Close();
    }

    /// <summary>A slash too many below the path could make a target of it that is another host.</summary>
    private static void WriteRedirect(NginxConfigWriter writer, NginxRoute route, NginxRedirect redirect)
    {
        var path = RequestPath.Normalize(route.Path);
        var pattern = path == "/" ? "" : PatternOf(path);
        var status = redirect.IsPermanent ? "308" : "307";
        writer.Open($"if ($request_uri ~* {Quote($"^{pattern}(?<path_rest>{NoDotSegments}/(?![/\\\\])[^?].*)$")})");
        writer.Directive("return", $"{status} \"{Escape(redirect.Target.TrimEnd('/'))}$path_rest\"");
        writer.Close();
        writer.Open($"if ($request_uri ~* {Quote($"^{pattern}/?(?:\\?.*)?$")})");
        writer.Directive("return", $"{status} \"{Escape(redirect.Target)}$is_args$args\"");
        writer.Close();
        writer.Directive("return", "400");
    }

    private static void WriteResponse(NginxConfigWriter writer, NginxResponse response)
    {
        if (response.Body is null)
        {
            writer.Directive("return", Number(response.Status));
            return;
        }

        writer.Open("types");
        writer.Close();
        writer.Directive("default_type", Quote(response.ContentType));
        writer.Directive("return", $"{Number(response.Status)} {Literal(response.Body)}");
    }

    private static string Description(NginxRoute route, IReadOnlyList<NginxUpstream> upstreams) => route switch
    {
        { Redirect: { } redirect } => $"is redirected to {redirect.Target}",
        { Response: { } response } => $"is answered with {Number(response.Status)}",
        _ => $"is passed to {route.Upstream}"
            + (UpstreamRenderer.Find(upstreams, route.Upstream!) is null ? ", which has no members now" : ""),
    };

    private static string MethodsOf(NginxRoute route)
    {
        string[] all = [.. route.Methods, .. route.IsConditional ? [Conditions(route)] : Array.Empty<string>()];
        return all.Length == 0 ? "" : $" ({string.Join(", ", all)})";
    }

    private static string NameOf(NginxRoute route) => $"{NginxConfiguration.OwnPath}routes/{Number(route.Number)}";

    private static string CanaryOf(NginxRoute route) => $"{NginxConfiguration.OwnPath}canary/{Number(route.Number)}";

    private static string ConditionVariable(int number) => $"$matches_{Number(number)}";

    private static string CanaryVariable(int number) => $"$canary_{Number(number)}";

    private static string OneOf(IEnumerable<string> methods) => Quote($"^(?:{string.Join('|', methods.Select(Regex.Escape))})$");

    /// <summary>Whether a path has routes that something else than the path decides on.</summary>
    private static bool HasChoices(NginxConfiguration configuration) =>
        configuration.Routes.Any(static route => !route.Methods.IsEmpty || route.IsConditional);

    private static bool HasMethods(NginxConfiguration configuration) => configuration.Routes.Any(static route => !route.Methods.IsEmpty);

    private static IEnumerable<(string Variable, string Value)> Variables(NginxConfiguration configuration)
    {
        if (UriOf(configuration) == UpstreamUri)
        {
            yield return (UpstreamUri, "$request_uri");
        }

        if (PrefixOf(configuration) == ForwardedPrefix)
        {
            yield return (ForwardedPrefix, "\"\"");
        }

        if (HasMethods(configuration))
        {
            yield return (AllowedMethods, "\"\"");
        }

        foreach (var name in Names(configuration.Routes, static route => route.RequestHeaders))
        {
            yield return (RequestVariable(name), $"$http_{FieldOf(name)}");
        }

        foreach (var name in Names(configuration.Routes, static route => route.ResponseHeaders))
        {
            yield return (ResponseVariable(name), $"$upstream_http_{FieldOf(name)}");
        }
    }

    private static IEnumerable<string> Names(
        IEnumerable<NginxRoute> routes, Func<NginxRoute, ImmutableArray<NginxHeader>> headers) => routes
        .SelectMany(route => headers(route).Select(static header => header.Name))
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .Order(StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> Texts(NginxConfiguration configuration) => configuration.Routes.SelectMany(static route =>
        route.RequestHeaders.Concat(route.ResponseHeaders).Select(static header => header.Value)
            .Append(route.Response?.Body ?? ""));

    /// <summary>A header as nginx's own variables name it.</summary>
    private static string FieldOf(string name) => name.ToLowerInvariant().Replace('-', '_');

    private static string RequestVariable(string name) => $"$request_header_{VariablePart(name)}";

    private static string ResponseVariable(string name) => $"$response_header_{VariablePart(name)}";

    /// <summary>A text in which nothing is a variable.</summary>
    private static string Literal(string value) =>
        value.Contains('$', StringComparison.Ordinal)
            ? $"\"{Escape(value).Replace("$", "${dollar}", StringComparison.Ordinal)}\""
            : Quote(value);

    /// <summary>A path as clients may write it: slashes may be doubled, and what is not a letter or digit may be escaped.</summary>
    private static string PatternOf(string path)
    {
        var pattern = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(RequestPath.Normalize(path)))
        {
            var character = (char)value;
            var hexadecimal = value.ToString("x2", CultureInfo.InvariantCulture);
            _ = character switch
            {
                '/' => pattern.Append("/+"),
                _ when char.IsAsciiLetterOrDigit(character) => pattern.Append(character),
                _ when char.IsAscii(character) && character is not (' ' or '"' or '\\') =>
                    pattern.Append(CultureInfo.InvariantCulture, $"(?:{Regex.Escape(character.ToString())}|%{hexadecimal})"),
                _ => pattern.Append(CultureInfo.InvariantCulture, $"(?:\\x{hexadecimal}|%{hexadecimal})"),
            };
        }

        return pattern.ToString();
    }
}
