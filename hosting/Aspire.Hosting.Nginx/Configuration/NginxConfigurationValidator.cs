using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Checks a configuration before it is rendered. Each error names the option and the fix.</summary>
internal static class NginxConfigurationValidator
{
    private const long KiB = 1024;
    private const string TokenCharacters = "!#%&'*+-.^_`|~";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly SearchValues<char> PatternCharacters = SearchValues.Create("*?[]{}");

    public static IReadOnlyList<string> Validate(NginxConfiguration configuration) =>
    [
        .. PathErrors(configuration),
        .. CorsErrors(configuration.Cors),
        .. ErrorPageErrors(configuration.ErrorPages),
        .. LimitErrors(configuration.Limits),
        .. TimeoutErrors(configuration.Timeouts),
        .. UpstreamErrors(configuration.Upstream),
        .. WorkerErrors(configuration.Workers),
        .. ServerNameErrors(configuration.ServerNames),
        .. SnippetErrors(configuration.Snippets),
        .. TelemetryErrors(configuration.Telemetry),
    ];

    private static IEnumerable<string> PathErrors(NginxConfiguration configuration)
    {
        var paths = configuration.Routes.Select(route => (Option: "WithReverseProxy", route.Path))
            .Concat(configuration.StaticFiles.Select(files => (Option: "WithStaticFiles", files.Path)))
            .ToArray();
        foreach (var (option, path) in paths.Where(path => !IsRequestPath(path.Path)))
        {
            yield return $"{option}: the path \"{path}\" must begin with / and hold only letters, digits and - . _ ~ % @ : + , = /.";
        }

        foreach (var path in paths.GroupBy(path => Normalized(path.Path), StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return $"{path.Last().Option}: the path \"{path.Key}\" is taken already by {path.First().Option}; give each its own.";
        }

        foreach (var (option, path) in paths.Where(path => IsReserved(path.Path)))
        {
            yield return $"{option}: the path \"{path}\" is used by nginx itself; choose another.";
        }

        foreach (var files in configuration.StaticFiles.Where(files => files.Folder.AsSpan().IndexOfAny("$\r\n\0") >= 0))
        {
            yield return $"WithStaticFiles: the folder {files.Folder} has a dollar sign or a line break in its path, which nginx cannot take; rename it.";
        }
    }

    private static bool IsReserved(string path) =>
        Normalized(path) == NginxConfiguration.HealthPath
        || (Normalized(path) + "/").StartsWith(NginxConfiguration.ErrorPagesPath, StringComparison.Ordinal)
        || (Normalized(path) + "/").StartsWith(NginxConfiguration.ProblemsPath, StringComparison.Ordinal);

    private static string Normalized(string path) => path == "/" ? path : path.TrimEnd('/');

    private static bool IsRequestPath(string path) =>
        path.StartsWith('/')
        && !path.Contains("//", StringComparison.Ordinal)
        && path.All(character => char.IsAsciiLetterOrDigit(character) || "-._~%@:+,=/".Contains(character, StringComparison.Ordinal));

    private static IEnumerable<string> CorsErrors(NginxCors? cors) => cors is null
        ? []
        :
        [
            .. OriginErrors(cors),
            .. TokenErrors("WithMethods", cors.Methods),
            .. TokenErrors("WithHeaders", cors.Headers),
            .. TokenErrors("WithExposedHeaders", cors.ExposedHeaders),
            .. Errors(Check("WithCors: SetPreflightMaxAge", cors.PreflightMaxAge, TimeSpan.Zero, Day)),
        ];

    private static IEnumerable<string> OriginErrors(NginxCors cors)
    {
        if (cors.Origins is null && cors.AllowCredentials)
        {
            yield return "WithCors: AllowCredentials cannot go with AllowAnyOrigin: any site could act as its visitor. Name the sites with WithOrigins.";
        }

        if (cors.Origins is { IsEmpty: true })
        {
            yield return "WithCors: no origin is allowed; add WithOrigins(…) or AllowAnyOrigin().";
        }

        foreach (var origin in (cors.Origins ?? []).Where(origin => !IsOrigin(origin)))
        {
            yield return $"WithCors: \"{origin}\" is no origin; write scheme, host and a port that is not the default, such as https://example.com, without a path.";
        }
    }

    /// <summary>An origin is compared as text, so it must be spelled as browsers spell it.</summary>
    private static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.IdnHost.Length > 0
        && !origin.Contains('$', StringComparison.Ordinal)
        && origin == (uri.Scheme is "http" or "https"
            ? $"{uri.Scheme}://{(uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost)}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}"
            : $"{uri.Scheme}://{uri.Authority}");

    private static IEnumerable<string> TokenErrors(string option, ImmutableArray<string>? values) =>
        (values ?? [])
            .Where(value => value.Length == 0 || !value.All(character => char.IsAsciiLetterOrDigit(character) || TokenCharacters.Contains(character, StringComparison.Ordinal)))
            .Select(value => $"WithCors: {option} has \"{value}\", which is no name; use letters, digits and -, each name by itself.");

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

    private static IEnumerable<string> LimitErrors(NginxRequestLimits limits) => Errors(
        Check("WithRequestLimits: MaxBodySize", limits.MaxBodySize, 1, KiB * KiB * KiB * KiB),
        Check("WithRequestLimits: BodyBufferSize", limits.BodyBufferSize, KiB, KiB * KiB * KiB),
        Check("WithRequestLimits: MaxHeaderSize", limits.MaxHeaderSize, KiB, KiB * KiB),
        Check("WithRequestLimits: HeaderBuffers", limits.HeaderBuffers, 1, 64),
        Check("WithRequestLimits: RequestsPerSecond", limits.RequestsPerSecond, 1, 1_000_000),
        Check("WithRequestLimits: Burst", limits.Burst, 0, 1_000_000),
        Check("WithRequestLimits: ConnectionsPerClient", limits.ConnectionsPerClient, 1, 65_535),
        limits is { Burst: > 0, RequestsPerSecond: null }
            ? "WithRequestLimits: Burst has no meaning without RequestsPerSecond; set both or neither."
            : null);

    private static IEnumerable<string> TimeoutErrors(NginxTimeouts timeouts) => Errors(
        Check("WithTimeouts: ClientHeader", timeouts.ClientHeader, Second, Day),
        Check("WithTimeouts: ClientBody", timeouts.ClientBody, Second, Day),
        Check("WithTimeouts: ClientSend", timeouts.ClientSend, Second, Day),
        Check("WithTimeouts: ClientKeepAlive", timeouts.ClientKeepAlive, Second, Day),
        Check("WithTimeouts: ProxyConnect", timeouts.ProxyConnect, Second, TimeSpan.FromSeconds(75)),
        Check("WithTimeouts: ProxyRead", timeouts.ProxyRead, Second, Day),
        Check("WithTimeouts: ProxySend", timeouts.ProxySend, Second, Day),
        Check("WithTimeouts: Session", timeouts.Session, Second, Day),
        Check("WithTimeouts: Shutdown", timeouts.Shutdown, Second, Day),
        Check("WithTimeouts: Drain", timeouts.Drain, Second, Day));

    private static IEnumerable<string> UpstreamErrors(NginxUpstreamSettings upstream) => Errors(
        Check("WithUpstream: KeepAliveConnections", upstream.KeepAliveConnections, 0, 65_535),
        Check("WithUpstream: KeepAliveTimeout", upstream.KeepAliveTimeout, Second, Hour),
        Check("WithUpstream: MaxFails", upstream.MaxFails, 0, 1_000),
        Check("WithUpstream: FailTimeout", upstream.FailTimeout, TimeSpan.Zero, Hour),
        Check("WithUpstream: Tries", upstream.Tries, 1, 100),
        Check("WithUpstream: TriesTimeout", upstream.TriesTimeout, Second, Hour),
        Enum.IsDefined(upstream.LoadBalancing)
            ? null
            : $"WithUpstream: LoadBalancing is {upstream.LoadBalancing}; it must be one of {string.Join(", ", Enum.GetNames<NginxLoadBalancing>())}.");

    private static IEnumerable<string> WorkerErrors(NginxWorkers workers) => Errors(
        Check("WithWorkers: Processes", workers.Processes, 1, 512),
        Check("WithWorkers: Connections", workers.Connections, 64, 1_000_000),
        CheckAccountName("User", workers.User),
        CheckAccountName("Group", workers.Group));

    private static string? CheckAccountName(string option, string? name) =>
        name is null || (name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-'))
            ? null
            : $"WithWorkers: {option} \"{name}\" is no name of a system {option.ToLowerInvariant()}; use letters, digits, '.', '_' and '-'.";

    private static IEnumerable<string> ServerNameErrors(ImmutableArray<string> names) => names
        .Where(name => !IsServerName(name))
        .Select(name => $"WithServerName: \"{name}\" is no host name; write one such as example.com, or *.example.com for all below it, without scheme or port.");

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
                yield return $"WithConfigSnippets: the folder {folder} has one of * ? [ ] {{ }} in its path, which nginx takes for a pattern; rename it.";
            }

            if (!Enum.IsDefined(snippet.Context))
            {
                yield return $"WithConfigSnippet: the context {snippet.Context} is none of {string.Join(", ", Enum.GetNames<NginxSnippetContext>())}.";
            }
        }
    }

    private static IEnumerable<string> TelemetryErrors(NginxTelemetry telemetry) => Errors(
        telemetry.SamplingRatio is 0 or (>= 0.0001 and <= 1)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"WithTelemetry: SamplingRatio is {telemetry.SamplingRatio}; it must be 0, or from 0.0001 to 1."),
        Check("WithTelemetry: SlowRequest", telemetry.SlowRequest, TimeSpan.Zero, Hour),
        Check("WithTelemetry: ScrapeInterval", telemetry.ScrapeInterval, Second, Hour));

    private static IEnumerable<string> Errors(params string?[] checks) => checks.OfType<string>();

    private static string? Check(string option, long? value, long minimum, long maximum) =>
        value is { } number && (number < minimum || number > maximum)
            ? string.Create(CultureInfo.InvariantCulture, $"{option} is {number}; it must be from {minimum} to {maximum}.")
            : null;

    private static string? Check(string option, TimeSpan? value, TimeSpan minimum, TimeSpan maximum) =>
        value is { } time && (time < minimum || time > maximum)
            ? string.Create(CultureInfo.InvariantCulture, $"{option} is {time.TotalSeconds} s; it must be from {minimum.TotalSeconds} s to {maximum.TotalSeconds} s.")
            : null;
}
