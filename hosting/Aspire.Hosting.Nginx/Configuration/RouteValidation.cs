using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Checks routes.</summary>
internal static partial class NginxConfigurationValidator
{
    /// <summary>The longest word of nginx's language is 4,096 bytes, of which some are for escapes.</summary>
    private const int LongestText = 4_000;

    /// <summary>The longest name that nginx's hash of headers has room for.</summary>
    private const int LongestHeader = 40;

    /// <summary>Headers to the resources that nginx sets itself.</summary>
    private static readonly string[] OwnRequestHeaders =
    [
        "Connection", "Content-Length", "Forwarded", "Host", "Keep-Alive", "Proxy", "Te", "Trailer", "Traceparent", "Tracestate",
        "Transfer-Encoding", "Upgrade", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix",
        "X-Forwarded-Proto", "X-Forwarded-Server", "X-Original-For", "X-Original-Host", "X-Original-Prefix", "X-Original-Proto",
        "X-Real-IP",
    ];

    /// <summary>Headers to clients that nginx sets itself, or that a response may have more than once.</summary>
    private static readonly string[] OwnResponseHeaders =
    [
        "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Allow", "Connection", "Content-Encoding", "Content-Length",
        "Content-Type", "Date", "ETag", "Keep-Alive", "Last-Modified", "Location", "Retry-After", "Server", "Set-Cookie", "Trailer",
        "Transfer-Encoding", "Upgrade", "Vary", "WWW-Authenticate",
    ];

    /// <summary>Whether two routes of one path could both be meant by a request, and neither is closer to it.</summary>
    private static bool AreEqual(NginxRoute one, NginxRoute other)
    {
        var sameHosts = one.Hosts.IsEmpty ? other.Hosts.IsEmpty : one.Hosts.Intersect(other.Hosts).Any();
        var sameMethods = one.Methods.IsEmpty ? other.Methods.IsEmpty : one.Methods.Intersect(other.Methods).Any();
        var sameConditions = one.Headers.ToHashSet().SetEquals(other.Headers)
            && one.QueryParameters.ToHashSet().SetEquals(other.QueryParameters);
        return sameHosts && ((sameMethods && sameConditions) || IsFolder(one) || IsFolder(other));
    }

    /// <summary>Whether it stands for a folder, which has one location for all methods.</summary>
    private static bool IsFolder(NginxRoute route) => route is { Upstream: null, Redirect: null, Response: null };

    private static IEnumerable<string> RouteErrors(NginxRoute route) =>
    [
        .. route.Hosts.Where(static host => !IsServerName(host)).Select(static host => HostError("WithMatchHosts", host)),
        .. route.Methods
            .Where(static method => !IsToken(method) || method.Any(char.IsAsciiLetterLower))
            .Select(static method => $"WithMatchMethods: \"{method}\" is no method; write one such as GET, in capital letters."),
        .. route.Headers.SelectMany(static match => MatchErrors("WithMatchHeaders", match, static name => name.Length <= LongestHeader
            && name.All(IsHeaderCharacter), $"up to {LongestHeader} letters, digits and '-'")),
        .. route.QueryParameters.SelectMany(static match => MatchErrors("WithMatchRouteQueryParameter", match, static name =>
            name.Length <= LongestHeader && name.All(IsCookieCharacter), $"up to {LongestHeader} letters, digits and '_'")),
        .. LocationSnippetErrors(route),
        .. PathChangeErrors(route),
        .. HeaderErrors("WithTransformRequestHeader", route.RequestHeaders, OwnRequestHeaders),
        .. HeaderErrors("WithTransformResponseHeader", route.ResponseHeaders, OwnResponseHeaders),
        .. AnswerErrors(route),
        .. new[] { route.Canary is { } canary ? PercentError("WithCanary", canary.Percent) : null }.OfType<string>(),
        .. ShadowErrors(route),
    ];

    private static IEnumerable<string> MatchErrors(string option, NginxMatch match, Predicate<string> isName, string rule)
    {
        if (match.Name.Length == 0 || !isName(match.Name))
        {
            yield return $"{option}: \"{match.Name}\" is no name that nginx can look at; use {rule}.";
        }

        if (match.Values.Any(static value => value.Length is 0 or > 200 || value.Any(char.IsControl)))
        {
            yield return $"{option}: a value of {match.Name} is empty, longer than 200 characters or has control characters; "
                + "leave the values out to match any.";
        }
    }

    private static IEnumerable<string> LocationSnippetErrors(NginxRoute route)
    {
        if (route.Snippet is { } snippet)
        {
            if (route.Upstream is null)
            {
                yield return $"WithLocationSnippet: \"{route.Path}\" is passed to no resource ({route.Option}), and nginx answers "
                    + "before it looks at other directives; leave it out.";
            }

            foreach (var error in LocationSnippet.Errors(snippet))
            {
                yield return $"WithLocationSnippet: {error}";
            }
        }
    }

    private static IEnumerable<string> ShadowErrors(NginxRoute route)
    {
        if (route.Shadow is not { } shadow)
        {
            yield break;
        }

        foreach (var error in BoundErrors("WithShadow", shadow.Options))
        {
            yield return error;
        }

        if (PercentError("WithShadow", shadow.Options.Percent) is { } percent && shadow.Options.Percent is >= 0.01 and <= 100)
        {
            yield return percent;
        }

        if (!route.Options.RequestBuffering)
        {
            yield return $"WithShadow: the requests of \"{route.Path}\" are not buffered, and nginx copies only those that are; "
                + "leave out RequestBuffering = false.";
        }
    }

    /// <summary>What is wrong with a share, or null: nginx takes hundredths of a percent.</summary>
    public static string? PercentError(string option, double percent) =>
        percent is >= 0 and <= 100 && Math.Abs((percent * 100) - Math.Round(percent * 100)) < 1e-6
            ? null
            : string.Create(
                CultureInfo.InvariantCulture, $"{option}: {percent} is no share; use a number from 0 to 100 with up to two decimals.");

    private static IEnumerable<string> PathChangeErrors(NginxRoute route)
    {
        if (route.RemovedPrefix is { } removed)
        {
            var path = RequestPath.Normalize(route.Path);
            if (RequestPath.Decode(removed) is null or "/")
            {
                yield return PathError("WithTransformPathRemovePrefix", removed);
            }
            else if (!(path + "/").StartsWith(RequestPath.Normalize(removed) + "/", StringComparison.Ordinal))
            {
                yield return $"WithTransformPathRemovePrefix: \"{removed}\" is not the beginning of the route's path \"{path}\".";
            }
        }

        if (route.AddedPrefix is { } added && RequestPath.Decode(added) is null or "/" or "")
        {
            yield return PathError("WithTransformPathPrefix", route.AddedPrefix);
        }
    }

    private static IEnumerable<string> HeaderErrors(string option, ImmutableArray<NginxHeader> headers, string[] own)
    {
        foreach (var header in headers)
        {
            if (header.Name.Length is 0 or > LongestHeader || !header.Name.All(IsHeaderCharacter))
            {
                yield return $"{option}: \"{header.Name}\" is no name of a header that nginx can set; use up to {LongestHeader} letters, "
                    + "digits and '-'.";
            }
            else if (own.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
            {
                yield return $"{option}: {header.Name} is set by nginx itself or has an option of its own; choose another header.";
            }
            else if (!IsText(header.Value) || header.Value.Any(char.IsControl))
            {
                yield return $"{option}: the value of {header.Name} is longer than {LongestText} bytes or has control characters.";
            }
        }
    }

    private static IEnumerable<string> AnswerErrors(NginxRoute route)
    {
        if (route.Upstream is null && (route.ChangesPath || route.HasOriginalHost || !route.RequestHeaders.IsEmpty))
        {
            yield return $"{route.Option}: \"{route.Path}\" is passed to no resource; leave out the transforms of requests.";
        }

        if (route.Redirect is { Target: var target } && !IsRedirectTarget(target))
        {
            yield return $"AddRedirect: \"{target}\" is no target; write a path that begins with one /, or an http or https URL, "
                + "without a query and without spaces.";
        }

        if (route.Response is { } response)
        {
            if (response.Status is < 200 or > 599 or 499)
            {
                yield return $"AddResponse: {response.Status} is no status of a response; use one from 200 to 599 except 499.";
            }

            if (response is { Body: not null, Status: 204 or 304 })
            {
                yield return $"AddResponse: a response {response.Status} has no body; leave it out.";
            }
            else if (response.Body is { } body && (!IsText(body) || body.Contains('\0', StringComparison.Ordinal)))
            {
                yield return $"AddResponse: the body for \"{route.Path}\" is longer than {LongestText} bytes, or has a NUL; "
                    + "serve it with WithStaticFiles.";
            }

            if (response.ContentType.Length == 0 || response.ContentType.AsSpan().IndexOfAny("\"$\\") >= 0
                || response.ContentType.Any(static character => character is < ' ' or > '~'))
            {
                yield return $"AddResponse: \"{response.ContentType}\" is no content type; write one such as application/json.";
            }
        }
    }

    /// <summary>Whether it fits into a line of nginx's configuration.</summary>
    private static bool IsText(string value) =>
        Encoding.UTF8.GetByteCount(value) + value.Count(static character => character is '"' or '\\')
            + (8 * value.Count(static character => character == '$')) <= LongestText;

    private static bool IsRedirectTarget(string target) =>
        target.All(static character => character is > ' ' and <= '~' and not ('"' or '\\' or '$' or '?' or '#' or '{' or '}'))
        && (target.StartsWith('/')
            ? !target.StartsWith("//", StringComparison.Ordinal)
            : Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0);

    private static bool IsHeaderCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character == '-';

    private static bool IsToken(string value) => value.Length > 0 && value.All(IsTokenCharacter);

    private static string HostError(string option, string name) =>
        $"{option}: \"{name}\" is no host name; write one such as example.com, or *.example.com for all below it, without scheme or port.";
}
