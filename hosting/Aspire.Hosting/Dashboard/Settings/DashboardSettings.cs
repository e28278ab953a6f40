namespace Aspire.Hosting.Dashboard.Settings;

/// <summary>How the dashboard of this run is found, where it listens, and what it is told; checked, with every port chosen.</summary>
/// <remarks>
/// Aspire refuses plain http unless <c>ASPIRE_ALLOW_UNSECURED_TRANSPORT</c> is set, and brings a development certificate along. Here
/// everything listens on loopback unless the user says otherwise, where nobody else can listen in, and a stack that starts on any
/// machine cannot count on a certificate: http needs no permission.
/// </remarks>
internal sealed record DashboardSettings
{
    /// <summary>A path that the user gave, and with which key; null to look for the dashboard and fetch it.</summary>
    public (string Key, string Path)? Path { get; init; }

    /// <summary>The folder that the CLI which started this AppHost unpacked, when there is one.</summary>
    public string? CliBundlePath { get; init; }

    /// <summary>The executable in that folder, when the CLI named it.</summary>
    public string? CliExecutable { get; init; }

    /// <summary>Where the pages are served; at least one.</summary>
    public required IReadOnlyList<DashboardAddress> Frontend { get; init; }

    /// <summary>Where OTLP over gRPC is taken.</summary>
    public DashboardAddress? OtlpGrpc { get; init; }

    /// <summary>Where OTLP over HTTP is taken.</summary>
    public DashboardAddress? OtlpHttp { get; init; }

    /// <summary>Where the AppHost's resource service listens; null for a free loopback port.</summary>
    public Uri? ResourceServiceUrl { get; init; }

    /// <summary>The token and keys.</summary>
    public required DashboardSecrets Secrets { get; init; }

    /// <summary>Whether everything is open to whoever reaches it.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Origins whose pages may send OTLP over HTTP; null for those of the resources.</summary>
    public string? CorsAllowedOrigins { get; init; }

    /// <summary>Whether the dashboard shows itself among the resources.</summary>
    public bool ShowResource { get; init; }

    /// <summary>Whether the address that logs in is written to the log; not where a CLI shows it, which keeps the log in a file.</summary>
    public bool TellsLogin { get; init; } = true;

    /// <summary>The environment it runs in.</summary>
    public required string EnvironmentName { get; init; }

    /// <summary>How long the dashboard may take to serve before it counts as stuck. Default one minute, for a machine with much to do.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Keys of the user's configuration that are the dashboard's own.</summary>
    public IReadOnlyDictionary<string, string> PassedOn { get; init; } = new Dictionary<string, string>();

    /// <summary>The preferred port of the pages when it is in use, so that others were taken; null when nothing needs telling.</summary>
    public int? MissedPort { get; init; }

    /// <summary>All addresses the dashboard itself listens on.</summary>
    public IEnumerable<DashboardAddress> Listeners => [.. Frontend, .. new[] { OtlpGrpc, OtlpHttp }.OfType<DashboardAddress>()];

    /// <summary>The address shown to people: https where there is one.</summary>
    public string PublicUrl => (Frontend.FirstOrDefault(address => address.Scheme == Uri.UriSchemeHttps) ?? Frontend[0]).PublicUrl;

    /// <summary>The address that logs in: with the token, where one is asked for.</summary>
    public string LoginUrl => Secrets.BrowserToken is { } token ? $"{PublicUrl}/login?t={Uri.EscapeDataString(token)}" : PublicUrl;
}
