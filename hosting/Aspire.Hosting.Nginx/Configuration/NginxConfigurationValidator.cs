using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Checks a configuration before it is rendered. Each error names the option and the fix.</summary>
internal static partial class NginxConfigurationValidator
{
    private const string TokenCharacters = "!#%&'*+-.^_`|~";

    private static readonly SearchValues<char> PatternCharacters = SearchValues.Create("*?[]{}");

    public static IReadOnlyList<string> Validate(NginxConfiguration configuration) =>
    [
        .. PathErrors(configuration),
        .. configuration.Routes.SelectMany(RouteErrors),
        .. StaticFileErrors(configuration.StaticFiles),
        .. PrivatePathErrors(configuration.PrivatePaths),
        .. TrustedProxyErrors(configuration.TrustedProxies),
        .. TlsErrors(configuration),
        .. CorsErrors(configuration.Cors),
        .. BasicAuthErrors(configuration.BasicAuth),
        .. SecurityHeaderErrors(configuration.SecurityHeaders),
        .. configuration.Compression is { } compression ? BoundErrors("WithCompression", compression) : [],
        .. configuration.Cache is { } cache ? BoundErrors("WithCache", cache) : [],
        .. ErrorPageErrors(configuration.ErrorPages),
        .. LimitErrors(configuration.Limits),
        .. BoundErrors("WithTimeouts", configuration.Timeouts),
        .. UpstreamErrors(configuration.Upstream),
        .. StickyErrors(configuration.Sticky),
        .. WorkerErrors(configuration.Workers),
        .. ServerNameErrors(configuration.ServerNames),
        .. SnippetErrors(configuration.Snippets),
        .. BoundErrors("WithTelemetry", configuration.Telemetry),
    ];

    private static IEnumerable<string> PathErrors(NginxConfiguration configuration)
    {
        var paths = configuration.Routes.Select(static route => (route.Option, Route: route))
            .Concat(configuration.StaticFiles.Select(static files => (Option: "WithStaticFiles", Route: new NginxRoute(files.Path, null))))
            .Select(static path => (path.Option, path.Route.Path, path.Route))
            .ToArray();
        foreach (var (option, path, _) in paths.Where(path => RequestPath.Decode(path.Path) is null))
        {
            yield return PathError(option, path);
        }

        foreach (var same in paths.GroupBy(path => RequestPath.Normalize(path.Path), StringComparer.Ordinal))
        {
            var all = same.ToArray();
            foreach (var (first, second) in all.SelectMany((one, index) => all[(index + 1)..].Select(other => (one, other)))
                .Where(static pair => AreEqual(pair.one.Route, pair.other.Route))
                .Take(1))
            {
                yield return $"{second.Option}: the path \"{same.Key}\" is taken already by {first.Option}; give each its own.";
            }
        }

        foreach (var (option, path, _) in paths.Where(path => IsReserved(path.Path)))
        {
            yield return $"{option}: the path \"{path}\" is used by nginx itself; choose another.";
        }

        foreach (var files in configuration.StaticFiles.Where(files => files.Folder.AsSpan().IndexOfAny("$\r\n\0") >= 0))
        {
            yield return $"WithStaticFiles: the folder {files.Folder} has a dollar sign or a line break in its path, "
                + "which nginx cannot read; rename it.";
        }
    }

    private static IEnumerable<string> StaticFileErrors(ImmutableArray<NginxStaticFiles> folders)
    {
        foreach (var file in folders.SelectMany(static files => files.ImmutableFolders)
            .Concat(folders.Select(static files => files.Fallback).OfType<string>())
            .Where(static name => RequestPath.Decode($"/{name}") is null))
        {
            yield return $"WithStaticFiles: \"{file}\" is no path inside the folder; write one such as assets or index.html.";
        }
    }

    private static bool IsReserved(string path) =>
        (RequestPath.Normalize(path) + "/").StartsWith(NginxConfiguration.OwnPath, StringComparison.Ordinal);

    private static string PathError(string option, string path) => path.AsSpan().IndexOfAny("{}*") >= 0
        ? $"{option}: the path \"{path}\" has a pattern that nginx does not match; write /api or /api/{{**catch-all}}, which are both "
            + "for /api and all below it."
        : $"{option}: the path \"{path}\" must begin with / and hold only letters, digits, - . _ ~ @ : + , = / and %-escapes of UTF-8, "
        + "without //, /./, /../, %2F and %24.";

    private static IEnumerable<string> PrivatePathErrors(ImmutableArray<string> paths) => paths
        .Where(static path => RequestPath.Decode(path) is null or "/")
        .Select(static path => path == "/"
            ? "WithPrivatePaths: the path \"/\" would leave clients nothing; name those that they may not reach."
            : PathError("WithPrivatePaths", path));

    private static IEnumerable<string> TrustedProxyErrors(ImmutableArray<string> proxies) => proxies
        .Where(static proxy => !IsProxy(proxy))
        .Select(static proxy => $"WithTrustedProxies: \"{proxy}\" is no address and no network; write one such as 192.0.2.7 or "
            + "10.0.0.0/8.");

    /// <summary>Whether nginx knows it: neither a short form, such as 10.1, nor a network with bits behind its mask.</summary>
    private static bool IsProxy(string proxy) =>
        IPAddress.TryParse(proxy.Split('/')[0], out var address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId == 0 : address.ToString() == proxy.Split('/')[0])
        && (!proxy.Contains('/', StringComparison.Ordinal)
            || (IPNetwork.TryParse(proxy, out var network) && network.BaseAddress.Equals(address)));

    private static IEnumerable<string> TlsErrors(NginxConfiguration configuration)
    {
        if (configuration.AcmeFolder is { } folder && (!folder.StartsWith('/') || folder.AsSpan().IndexOfAny("$'\r\n") >= 0))
        {
            yield return $"WithAcmeChallenge: \"{folder}\" must be an absolute path on the server, "
                + "without a dollar sign, a quote or a line break.";
        }

        if (configuration.TlsOptions is not { } tls)
        {
            yield break;
        }

        foreach (var error in BoundErrors("WithTls", tls))
        {
            yield return error;
        }

        if (tls.CertificateFile is null != tls.KeyFile is null)
        {
            yield return "WithTls: CertificateFile and KeyFile belong together; set both or neither.";
        }

        if (tls.Certificate is null != tls.PrivateKey is null)
        {
            yield return "WithTls: Certificate and PrivateKey belong together; set both or neither.";
        }

        if (tls.PrivateKey is { Resource: { Secret: false } key })
        {
            yield return $"WithTls: the parameter '{key.Name}' with the private key is no secret; add it with secret: true.";
        }

        foreach (var file in new[] { tls.CertificateFile, tls.KeyFile }.Where(static file => file?.AsSpan().IndexOfAny("$\r\n\0") >= 0))
        {
            yield return $"WithTls: the path {file} has a dollar sign or a line break, which nginx cannot read; rename it.";
        }

        if (tls is { HstsIncludesSubdomains: true, Hsts: null })
        {
            yield return "WithTls: HstsIncludesSubdomains has no meaning without Hsts; set both or neither.";
        }
    }

    private static IEnumerable<string> CorsErrors(NginxCorsOptions? cors) => cors is null
        ? []
        :
        [
            .. OriginErrors(cors),
            .. TokenErrors("WithMethods", cors.Methods),
            .. TokenErrors("WithHeaders", cors.Headers),
            .. TokenErrors("WithExposedHeaders", cors.ExposedHeaders),
            .. BoundErrors("WithCors", cors),
        ];

    private static IEnumerable<string> OriginErrors(NginxCorsOptions cors)
    {
        if (cors.Origins is null && cors.Credentials)
        {
            yield return "WithCors: AllowCredentials cannot go with AllowAnyOrigin: any site could act as its visitor. "
                + "Name the sites with WithOrigins.";
        }

        if (cors.Origins is { IsEmpty: true })
        {
            yield return "WithCors: no origin is allowed; add WithOrigins(…) or AllowAnyOrigin().";
        }

        foreach (var origin in (cors.Origins ?? []).Where(origin => !IsOrigin(origin)))
        {
            yield return $"WithCors: \"{origin}\" is no origin; write scheme, host and a port that is not the default, "
                + "such as https://example.com, without a path.";
        }
    }

    /// <summary>Whether it is spelled as browsers spell it: nginx compares it as text.</summary>
    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.IdnHost.Length > 0
        && !origin.Contains('$', StringComparison.Ordinal)
        && origin == (uri.Scheme is "http" or "https" ? $"{uri.Scheme}://{HostOf(uri)}" : $"{uri.Scheme}://{uri.Authority}");

    private static string HostOf(Uri uri)
    {
        var host = uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
        return uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
    }

    private static IEnumerable<string> TokenErrors(string option, ImmutableArray<string>? values) =>
        (values ?? [])
            .Where(static value => !IsToken(value))
            .Select(value => $"WithCors: {option} has \"{value}\", which is no name; use letters, digits and -, each name by itself.");

    private static bool IsTokenCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) || TokenCharacters.Contains(character, StringComparison.Ordinal);

    private static IEnumerable<string> BasicAuthErrors(NginxBasicAuth? auth)
    {
        if (auth is not null && auth.User.Any(static character => character is <= ' ' or > '~' or ':' or '$'))
        {
            yield return $"WithBasicAuth: \"{auth.User}\" is no user name; use printable ASCII without spaces, colons and $.";
        }

        if (auth is { Password: { Secret: false } password })
        {
            yield return $"WithBasicAuth: the parameter '{password.Name}' with the password is no secret; add it with secret: true.";
        }
    }

    private static IEnumerable<string> SecurityHeaderErrors(NginxSecurityHeaders? headers) =>
        new[] { headers?.FrameOptions, headers?.ReferrerPolicy, headers?.ContentSecurityPolicy, headers?.PermissionsPolicy }
            .Where(static value => value is not null
                && (value.Length == 0 || value.Any(static character => character is < ' ' or > '~' or '$' or '\\')))
            .Select(static value => $"WithSecurityHeaders: \"{value}\" cannot be a header; "
                + "use printable ASCII without $ and \\, or null for none.");

    private static IEnumerable<string> ErrorPageErrors(ImmutableArray<NginxErrorPage> pages)
    {
        var seen = new HashSet<int>();
        foreach (var page in pages)
        {
            if (page.Codes.IsEmpty)
            {
                yield return $"WithErrorPage: {page.File} names no status code; say which, such as 502, 503, 504.";
            }

            foreach (var code in page.Codes)
            {
                if (code is < 400 or > 599 or 499)
                {
                    yield return $"WithErrorPage: {code} is no error a client can see; use codes from 400 to 599 except 499.";
                }
                else if (!seen.Add(code))
                {
                    yield return $"WithErrorPage: {code} has a page already; name each code once.";
                }
            }
        }
    }

    private static IEnumerable<string> LimitErrors(NginxRequestLimits limits)
    {
        foreach (var error in BoundErrors("WithRequestLimits", limits))
        {
            yield return error;
        }

        if (limits is { Burst: > 0, RequestsPerSecond: null })
        {
            yield return "WithRequestLimits: Burst has no meaning without RequestsPerSecond; set both or neither.";
        }
    }

    private static IEnumerable<string> UpstreamErrors(NginxUpstreamSettings upstream)
    {
        foreach (var error in BoundErrors("WithUpstream", upstream))
        {
            yield return error;
        }

        if (upstream.LoadBalancing is { } policy && !Enum.IsDefined(policy))
        {
            yield return $"WithLoadBalancingPolicy: {policy} is no policy; it must be one of "
                + $"{Names<NginxLoadBalancing>()}.";
        }
    }

    private static IEnumerable<string> StickyErrors(NginxStickySessions? sticky) =>
        sticky is null || (sticky.CookieName.Length is > 0 and <= 64 && sticky.CookieName.All(IsCookieCharacter))
            ? []
            : [$"WithStickySessions: CookieName is \"{sticky.CookieName}\"; use 1 to 64 letters, digits and '_'."];

    private static bool IsCookieCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';

    private static IEnumerable<string> WorkerErrors(NginxWorkers workers) =>
    [
        .. BoundErrors("WithWorkers", workers),
        .. AccountErrors("User", workers.User),
        .. AccountErrors("Group", workers.Group),
    ];

    private static IEnumerable<string> AccountErrors(string option, string? name)
    {
        if (name is not null && (name.Length == 0 || !name.All(IsAccountCharacter)))
        {
            yield return $"WithWorkers: {option} \"{name}\" is no name of a system {option.ToLowerInvariant()}; "
                + "use letters, digits, '.', '_' and '-'.";
        }
    }

    private static bool IsAccountCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';

    private static IEnumerable<string> ServerNameErrors(ImmutableArray<string> names) => names
        .Where(name => !IsServerName(name))
        .Select(static name => HostError("WithServerName", name));

    private static bool IsServerName(string name)
    {
        var host = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return host.Length is > 0 and <= 253
            && !host.StartsWith('.')
            && host.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');
    }

    private static IEnumerable<string> SnippetErrors(ImmutableArray<NginxSnippet> snippets)
    {
        foreach (var snippet in snippets)
        {
            if (snippet.Folder is { } folder && folder.AsSpan().ContainsAny(PatternCharacters))
            {
                yield return $"WithConfigSnippets: the folder {folder} has one of * ? [ ] {{ }} in its path, "
                    + "which nginx takes for a pattern; rename it.";
            }

            if (!Enum.IsDefined(snippet.Context))
            {
                yield return $"WithConfigSnippets: the context {snippet.Context} is none of {Names<NginxSnippetContext>()}.";
            }
        }
    }

    /// <summary>The options that are out of the <see cref="BoundsAttribute"/> they carry.</summary>
    private static IEnumerable<string> BoundErrors(string method, object options)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (property.GetCustomAttribute<BoundsAttribute>() is { } bounds && property.GetValue(options) is { } value)
            {
                var (number, unit) = value is TimeSpan time
                    ? (time.TotalSeconds, " s")
                    : (Convert.ToDouble(value, CultureInfo.InvariantCulture), "");
                if (!(number >= bounds.Minimum && number <= bounds.Maximum) && !(bounds.OrZero && number == 0))
                {
                    var range = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(bounds.OrZero ? "0, or " : "")}from {bounds.Minimum}{unit} to {bounds.Maximum}{unit}");
                    yield return string.Create(
                        CultureInfo.InvariantCulture, $"{method}: {property.Name} is {number}{unit}; it must be {range}.");
                }
            }
        }
    }

    private static string Names<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>());
}
