using Aspire.Hosting.Orchestration.Instances;

namespace Aspire.Hosting.Dashboard.Settings;

/// <summary>Configuration keys of the dashboard: Aspire's own, and <c>Dashboard:*</c>, which are ours.</summary>
internal static class DashboardKeys
{
    /// <summary>Whether there is a dashboard. Default true.</summary>
    public const string Enabled = "Dashboard:Enabled";

    /// <summary>The dashboard's executable; relative paths start at the AppHost's folder. Default: found or fetched.</summary>
    public const string Path = "Dashboard:Path";

    /// <summary>The dashboard's executable, as Aspire names the setting.</summary>
    public const string AspirePath = "ASPIRE_DASHBOARD_PATH";

    /// <summary>Where the CLI that started this AppHost keeps the dashboard.</summary>
    public const string CliBundlePath = "AspireCliBundlePath";

    /// <summary>The same as an executable; the CLI sets both.</summary>
    public const string TerminalHostPath = "ASPIRE_TERMINAL_HOST_PATH";

    /// <summary>Addresses of the dashboard's pages, separated by semicolons. Default: <c>http://localhost:18888</c>, or a free port.</summary>
    public const string FrontendUrls = "ASPNETCORE_URLS";

    /// <summary>Address that takes OTLP over gRPC. Default: a free loopback port.</summary>
    public const string OtlpGrpcUrl = OtlpEnvironment.GrpcUrlKey;

    /// <summary>Address that takes OTLP over HTTP. Default: a free loopback port.</summary>
    public const string OtlpHttpUrl = OtlpEnvironment.HttpUrlKey;

    /// <summary>Address of the AppHost's resource service. Default: a free loopback port.</summary>
    public const string ResourceServiceUrl = "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL";

    /// <summary>The token to log in with, from outside. Default: a new one for each run.</summary>
    public const string FrontendBrowserToken = "ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN";

    /// <summary>The token to log in with.</summary>
    public const string BrowserToken = "AppHost:BrowserToken";

    /// <summary>The key that resources send their telemetry with. Default: a new one for each run.</summary>
    public const string OtlpApiKey = OtlpEnvironment.ApiKeyKey;

    /// <summary>The key to the dashboard's own API. Default: a new one for each run.</summary>
    public const string DashboardApiKey = "AppHost:DashboardApiKey";

    /// <summary>Whether the resource service asks for a key: <c>ApiKey</c> (default) or <c>Unsecured</c>.</summary>
    public const string ResourceServiceAuthMode = "AppHost:ResourceService:AuthMode";

    /// <summary>The key to the resource service. Default: a new one for each run.</summary>
    public const string ResourceServiceApiKey = "AppHost:ResourceService:ApiKey";

    /// <summary>The key to the resource service, from outside.</summary>
    public const string ResourceServiceOutsideApiKey = "ASPIRE_DASHBOARD_RESOURCESERVICE_APIKEY";

    /// <summary>Whether everything is open to whoever reaches it. Default false.</summary>
    public const string AllowAnonymous = "ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS";

    /// <summary>Origins whose pages may send OTLP over HTTP. Default: those of the resources' endpoints.</summary>
    public const string CorsAllowedOrigins = "ASPIRE_DASHBOARD_CORS_ALLOWED_ORIGINS";

    /// <summary>Whether the dashboard shows itself among the resources. Default false.</summary>
    public const string ShowResource = "ASPIRE_SHOW_DASHBOARD_RESOURCES";

    /// <summary>Whether fixed ports give way to free ones, as in tests. Default false.</summary>
    public const string RandomizePorts = "DcpPublisher:RandomizePorts";

    /// <summary>The environment the dashboard runs in. Default <c>Production</c>.</summary>
    public const string EnvironmentName = "ASPNETCORE_ENVIRONMENT";

    /// <summary>Keys that begin so are the dashboard's own and passed on to it.</summary>
    public const string Prefix = "ASPIRE_DASHBOARD_";

    private const string LegacyPrefix = "DOTNET_";
    private const string CurrentPrefix = "ASPIRE_";

    /// <summary>What Aspire called a key before version 9.3, and still reads.</summary>
    public static string Legacy(string key) => LegacyPrefix + key[CurrentPrefix.Length..];
}
