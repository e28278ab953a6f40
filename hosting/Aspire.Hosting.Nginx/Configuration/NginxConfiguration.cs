using System.Collections.Immutable;

namespace Aspire.Hosting.Nginx.Configuration;

/// <summary>Everything the AppHost asked of one nginx. What is known only at run time, the members of upstreams, comes beside it.</summary>
internal sealed record NginxConfiguration
{
    /// <summary>Where nginx says that it is well.</summary>
    public const string HealthPath = "/-/nginx/health";

    /// <summary>Below it are the error pages, which no request reaches from outside.</summary>
    public const string ErrorPagesPath = "/-/nginx/errors/";

    /// <summary>Below it are the problem details of nginx's own errors, which no request reaches from outside.</summary>
    public const string ProblemsPath = "/-/nginx/problems/";

    /// <summary>Below it are the locations of WebSockets, one for each upstream, which no request reaches from outside.</summary>
    public const string SessionsPath = "/-/nginx/sessions/";

    /// <summary>Null until the port is known.</summary>
    public NginxListen? Listen { get; init; }

    public NginxWorkers Workers { get; init; } = new();

    /// <summary>The limit of open files per worker, or null to leave it as it is.</summary>
    public int? OpenFilesLimit { get; init; }

    /// <summary>Host names to answer for; empty answers for all.</summary>
    public ImmutableArray<string> ServerNames { get; init; } = [];

    public ImmutableArray<NginxRoute> Routes { get; init; } = [];

    public ImmutableArray<NginxStaticFiles> StaticFiles { get; init; } = [];

    public ImmutableArray<NginxErrorPage> ErrorPages { get; init; } = [];

    /// <summary>Whether nginx tells its own 4xx errors as problem details.</summary>
    public bool ProblemDetails { get; init; }

    public NginxCors? Cors { get; init; }

    public NginxRequestLimits Limits { get; init; } = new();

    public NginxTimeouts Timeouts { get; init; } = new();

    public NginxUpstreamSettings Upstream { get; init; } = new();

    public NginxTelemetry Telemetry { get; init; } = new();

    /// <summary>Null while nothing reads the access log; then nginx has no part in traces.</summary>
    public NginxLogServer? LogServer { get; init; }

    /// <summary>The file of the authorities that services outside the application are verified with; null to verify none.</summary>
    public string? CertificateAuthorities { get; init; }

    /// <summary>Whether it is for a container, where others start nginx, and where environment variables say what surrounds it.</summary>
    public bool IsContainer { get; init; }

    /// <summary>Which nginx will read it; null for the oldest that is supported.</summary>
    public Version? Version { get; init; }

    public ImmutableArray<NginxSnippet> Snippets { get; init; } = [];
}

/// <summary>Where nginx accepts connections.</summary>
/// <param name="Port">The TCP port, 1 to 65,535.</param>
/// <param name="Addresses">IP addresses as nginx writes them, IPv6 in brackets; <c>*</c> for all IPv4 ones.</param>
internal sealed record NginxListen(int Port, ImmutableArray<string> Addresses);

/// <summary>A request path and the upstream that answers for it.</summary>
/// <param name="Path">The path; it and everything below it is proxied, unchanged.</param>
/// <param name="Upstream">The name of the upstream.</param>
internal sealed record NginxRoute(string Path, string Upstream);

/// <summary>A folder nginx serves by itself.</summary>
/// <param name="Path">The request path under which its files appear.</param>
/// <param name="Folder">The absolute path of the folder.</param>
internal sealed record NginxStaticFiles(string Path, string Folder);

/// <summary>A page for errors that nginx itself produces.</summary>
/// <param name="File">The absolute path of the file.</param>
/// <param name="Codes">The status codes it is shown for, which stay the status of the response.</param>
internal sealed record NginxErrorPage(string File, ImmutableArray<int> Codes);

/// <summary>The cross-origin policy. A null list means any.</summary>
internal sealed record NginxCors
{
    public ImmutableArray<string>? Origins { get; init; } = [];

    public ImmutableArray<string>? Methods { get; init; } = [];

    public ImmutableArray<string>? Headers { get; init; } = [];

    public ImmutableArray<string> ExposedHeaders { get; init; } = [];

    public bool AllowCredentials { get; init; }

    public TimeSpan? PreflightMaxAge { get; init; }
}

/// <summary>Directives a user adds: a text of its own, or a folder whose <c>*.conf</c> files are included.</summary>
/// <param name="Context">Where it goes.</param>
/// <param name="Text">The directives, or null for a folder.</param>
/// <param name="Folder">The absolute path of the folder, or null for a text.</param>
internal sealed record NginxSnippet(NginxSnippetContext Context, string? Text, string? Folder);

/// <summary>Where nginx sends its access log.</summary>
/// <param name="Address">The address as <c>syslog:server=</c> writes it: <c>host:port</c>.</param>
/// <param name="Tag">What each message is marked with: letters and digits, at most 32.</param>
internal sealed record NginxLogServer(string Address, string Tag);

/// <summary>The members that nginx asks for an upstream at one moment.</summary>
/// <param name="Name">The name routes refer to.</param>
/// <param name="Scheme">http or https.</param>
/// <param name="Members">Addresses as nginx writes them: <c>unix:/path</c> or <c>host:port</c>. Empty when none can answer.</param>
internal sealed record NginxUpstream(string Name, string Scheme, ImmutableArray<string> Members)
{
    /// <summary>The host that members are asked for; null for the one that the client wrote.</summary>
    public string? Host { get; init; }
}
