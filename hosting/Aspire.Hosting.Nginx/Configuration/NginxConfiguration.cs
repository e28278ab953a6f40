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

    /// <summary>Null while there is nobody to take the access log; then nginx has no part in traces.</summary>
    public NginxLogServer? LogServer { get; init; }

    /// <summary>The file of the authorities that services outside the application are verified with; null to verify none.</summary>
    public string? CertificateAuthorities { get; init; }

    /// <summary>Whether it is for a container, where others start nginx, and where environment variables say what surrounds it.</summary>
    public bool IsContainer { get; init; }

    /// <summary>Which nginx will read it; null for the oldest that is supported.</summary>
    public Version? Version { get; init; }

    public ImmutableArray<NginxSnippet> Snippets { get; init; } = [];
}
