using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>A request path and what answers for it: an upstream, or nginx itself with a redirect or a fixed response.</summary>
/// <param name="Path">The path; the route is for it and everything below it.</param>
/// <param name="Upstream">The name of the upstream; null where nginx answers itself.</param>
internal sealed record NginxRoute(string Path, string? Upstream)
{
    /// <summary>Its number among all routes, from 1; 0 before they are divided among hosts.</summary>
    public int Number { get; init; }

    /// <summary>The option that asked for it.</summary>
    public string Option { get; init; } = "WithReverseProxy";

    public NginxRouteOptions Options { get; init; } = new();

    /// <summary>Host names in lower case; empty for all.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>Methods; empty for all that no other route of the path has.</summary>
    public ImmutableArray<string> Methods { get; init; } = [];

    /// <summary>Headers that its requests have.</summary>
    public ImmutableArray<NginxMatch> Headers { get; init; } = [];

    /// <summary>Query parameters that its requests have.</summary>
    public ImmutableArray<NginxMatch> QueryParameters { get; init; } = [];

    /// <summary>Whether headers or query parameters decide which requests it is for.</summary>
    public bool IsConditional => !Headers.IsEmpty || !QueryParameters.IsEmpty;

    /// <summary>Directives for its location, or null.</summary>
    public string? Snippet { get; init; }

    /// <summary>The beginning of the path that the resource does not see, or null.</summary>
    public string? RemovedPrefix { get; init; }

    /// <summary>What the resource sees before the path, or null.</summary>
    public string? AddedPrefix { get; init; }

    public ImmutableArray<NginxHeader> RequestHeaders { get; init; } = [];

    public ImmutableArray<NginxHeader> ResponseHeaders { get; init; } = [];

    /// <summary>Whether a service outside the application gets the client's host too.</summary>
    public bool HasOriginalHost { get; init; }

    public NginxRedirect? Redirect { get; init; }

    public NginxResponse? Response { get; init; }

    /// <summary>The upstream that gets a share of its requests, or null.</summary>
    public NginxCanary? Canary { get; init; }

    /// <summary>The upstream that gets a copy of its requests, or null.</summary>
    public NginxShadow? Shadow { get; init; }

    /// <summary>Whether the resource sees another path than the client.</summary>
    public bool ChangesPath => RemovedPrefix is not null || AddedPrefix is not null;

    /// <summary>The same route with more directives for its location.</summary>
    public NginxRoute WithSnippet(string directives) =>
        this with { Snippet = Snippet is { } before ? $"{before}\n{directives}" : directives };

    /// <summary>The upstreams to which its requests may go.</summary>
    public IEnumerable<string> Upstreams => new[] { Upstream, Canary?.Upstream }.OfType<string>();

    /// <summary>The same route to upstreams of other names.</summary>
    public NginxRoute Rename(Func<string, string> rename) => this with
    {
        Upstream = Upstream is null ? null : rename(Upstream),
        Canary = Canary is null ? null : Canary with { Upstream = rename(Canary.Upstream) },
    };
}

/// <summary>A header or query parameter that a request must have.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">The values that it may have, in upper or lower case; empty for any.</param>
internal sealed record NginxMatch(string Name, ImmutableArray<string> Values)
{
    public bool Equals(NginxMatch? other) => other is not null
        && Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase)
        && Values.Order(StringComparer.OrdinalIgnoreCase)
            .SequenceEqual(other.Values.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Name);
}

/// <summary>The upstream that gets a share of a route's requests.</summary>
/// <param name="Upstream">The name of the upstream.</param>
/// <param name="Percent">The share, 0 to 100.</param>
/// <param name="IsSticky">Whether a client always gets the same upstream.</param>
internal sealed record NginxCanary(string Upstream, double Percent, bool IsSticky);

/// <summary>The upstream that gets a copy of a route's requests.</summary>
/// <param name="Upstream">The name of the upstream.</param>
/// <param name="Options">Which requests are copied.</param>
internal sealed record NginxShadow(string Upstream, NginxShadowOptions Options);

/// <summary>A header and its value, which is empty to remove the header.</summary>
internal sealed record NginxHeader(string Name, string Value);

/// <summary>A redirect.</summary>
/// <param name="Target">A path or an http(s) URL; what is below the path of the route, and the query, are added to it.</param>
/// <param name="IsPermanent">Whether clients may remember it.</param>
internal sealed record NginxRedirect(string Target, bool IsPermanent);

/// <summary>A response that is always the same.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The body; null for the error page of the status.</param>
/// <param name="ContentType">The content type of the body.</param>
internal sealed record NginxResponse(int Status, string? Body, string ContentType);

/// <summary>The host names that are answered in one way, and the routes for them.</summary>
/// <param name="Names">Host names; empty for all that no other has.</param>
/// <param name="Routes">The routes.</param>
/// <param name="StaticFiles">The folders.</param>
internal sealed record NginxVirtualHost(
    ImmutableArray<string> Names, ImmutableArray<NginxRoute> Routes, ImmutableArray<NginxStaticFiles> StaticFiles)
{
    /// <summary>Where all requests go that the others do not take.</summary>
    public bool IsDefault => Names.IsEmpty;

    /// <summary>The virtual hosts of a configuration. Where none is the default, other host names get 421.</summary>
    public static ImmutableArray<NginxVirtualHost> Of(NginxConfiguration configuration)
    {
        string[] hosts =
            [.. configuration.Routes.SelectMany(static route => route.Hosts).Distinct().Order(StringComparer.Ordinal)];
        var named = hosts
            .Select(host => For(configuration, host))
            .GroupBy(static host => string.Join('\n', host.Routes.Select(KeyOf)), StringComparer.Ordinal)
            .Select(static same => same.First() with { Names = [.. same.SelectMany(static host => host.Names)] });
        var others = For(configuration, host: null) with
        {
            Names = [.. configuration.ServerNames.Except(hosts, StringComparer.OrdinalIgnoreCase)],
        };
        var hasOthers = hosts.Length == 0 || !others.Routes.IsEmpty || !others.StaticFiles.IsEmpty;
        return hasOthers && (configuration.ServerNames.IsEmpty || !others.IsDefault) ? [others, .. named] : [.. named];
    }

    /// <summary>The routes of one host; of equal paths and methods the one with the closest host pattern.</summary>
    private static NginxVirtualHost For(NginxConfiguration configuration, string? host)
    {
        var routes = configuration.Routes
            .Select((route, index) => (Route: route with { Number = index + 1 }, Closeness: Closeness(route, host)))
            .Where(static match => match.Closeness >= 0)
            .GroupBy(static match => RequestPath.Normalize(match.Route.Path), StringComparer.Ordinal)
            .SelectMany(static same => ByMethod([.. same
                .OrderByDescending(static match => match.Closeness)
                .ThenByDescending(static match => match.Route.Headers.Length + match.Route.QueryParameters.Length)
                .ThenBy(static match => match.Route.Methods.IsEmpty)
                .Select(static match => match.Route)]))
            .OrderBy(static route => route.Path, StringComparer.Ordinal)
            .ToImmutableArray();
        var ownPaths = routes.Where(static route => !route.Hosts.IsEmpty).Select(static route => RequestPath.Normalize(route.Path));
        return new(
            host is null ? [] : [host],
            routes,
            [.. configuration.StaticFiles.Where(files => !ownPaths.Contains(RequestPath.Normalize(files.Path)))]);
    }

    /// <summary>
    /// Each method goes to the first route that takes it, after those that look at headers or the query. Who takes GET takes HEAD, if no
    /// other names it.
    /// </summary>
    private static IEnumerable<NginxRoute> ByMethod(NginxRoute[] routes)
    {
        var named = routes.Where(static route => !route.IsConditional)
            .SelectMany(static route => route.Methods)
            .ToHashSet(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var route in routes)
        {
            if (route.IsConditional)
            {
                yield return route;
                continue;
            }

            if (route.Methods.IsEmpty)
            {
                yield return route;
                yield break;
            }

            string[] head = route.Methods.Contains("GET") && !named.Contains("HEAD") ? ["HEAD"] : [];
            ImmutableArray<string> methods = [.. route.Methods.Concat(head).Where(taken.Add)];
            if (!methods.IsEmpty)
            {
                yield return route with { Methods = methods };
            }
        }
    }

    /// <summary>How closely the route's host patterns name a host; negative where none matches it.</summary>
    private static int Closeness(NginxRoute route, string? host) => route.Hosts.IsEmpty
        ? 0
        : route.Hosts
            .Where(pattern => pattern == host || (pattern.StartsWith("*.", StringComparison.Ordinal) && EndsWith(host, pattern[1..])))
            .Select(pattern => pattern == host ? int.MaxValue : pattern.Length)
            .DefaultIfEmpty(-1)
            .Max();

    private static bool EndsWith(string? host, string end) => host?.EndsWith(end, StringComparison.Ordinal) is true && host != $"*{end}";

    private static string KeyOf(NginxRoute route) => $"{route.Number} {string.Join(' ', route.Methods)}";
}
