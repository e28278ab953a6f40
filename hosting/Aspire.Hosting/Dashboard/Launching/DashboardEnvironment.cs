using Aspire.Hosting.Dashboard.Settings;

namespace Aspire.Hosting.Dashboard.Launching;

/// <summary>The dashboard's environment: its settings, and of the AppHost's own variables only those a program needs to run at all.</summary>
/// <remarks>
/// What stays behind are the AppHost's settings and the user's secrets; <c>ASPIRE_CLI_PID</c>, with which the dashboard would end with the
/// CLI and not with the AppHost; and <c>DOTNET_SYSTEM_GLOBALIZATION_INVARIANT</c>, under which it cannot start, since it makes cultures.
/// </remarks>
internal static class DashboardEnvironment
{
    private static readonly string[] Inherited =
    [
        "PATH", "HOME", "USER", "LOGNAME", "TZ", "LANG", "LANGUAGE", "TMPDIR", "TEMP", "TMP", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "DOTNET_ROOT", "SystemRoot", "SystemDrive", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "ProgramData",
    ];

    // The dashboard's own settings, and its certificate's where it serves https.
    private static readonly string[] InheritedPrefixes = ["LC_", "XDG_", "Dashboard__", "Kestrel__Certificates__"];
    private static readonly string[] NotInherited = ["Dashboard__Enabled", "Dashboard__Path"];

    /// <summary>The changes to the AppHost's environment.</summary>
    /// <param name="settings">The dashboard's settings.</param>
    /// <param name="resourceService">Where the AppHost serves its resources.</param>
    /// <param name="corsAllowedOrigins">Origins whose pages may send telemetry; null for none.</param>
    /// <param name="ownVariables">The names of the AppHost's own variables.</param>
    public static IReadOnlyDictionary<string, string?> Create(
        DashboardSettings settings, Uri resourceService, string? corsAllowedOrigins, IEnumerable<string> ownVariables)
    {
        var set = new Dictionary<string, string>(settings.PassedOn, StringComparer.OrdinalIgnoreCase);
        AddAddresses(set, settings, resourceService, corsAllowedOrigins);
        AddKeys(set, settings);

        // The formatter lets each line be logged again with its level and category.
        set["LOGGING__CONSOLE__FORMATTERNAME"] = "json";
        set["ASPIRE_DASHBOARD_API_ENABLED"] = "true";
        set["ASPNETCORE_ENVIRONMENT"] = settings.EnvironmentName;

        // Configuration does not tell upper from lower case, so an inherited spelling must not stand beside ours.
        var changes = ownVariables.Where(name => set.ContainsKey(name) || !IsInherited(name)).ToDictionary(name => name, _ => (string?)null, StringComparer.Ordinal);
        foreach (var (name, value) in set)
        {
            changes[name] = value;
        }

        return changes;
    }

    private static bool IsInherited(string name) =>
        !NotInherited.Contains(name, StringComparer.OrdinalIgnoreCase)
        && (Inherited.Contains(name, StringComparer.OrdinalIgnoreCase)
            || InheritedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));

    private static void AddAddresses(Dictionary<string, string> set, DashboardSettings settings, Uri resourceService, string? corsAllowedOrigins)
    {
        set["ASPNETCORE_URLS"] = string.Join(';', settings.Frontend.Select(address => address.Url));
        set["DASHBOARD__FRONTEND__PUBLICURL"] = settings.PublicUrl;
        set["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = resourceService.GetLeftPart(UriPartial.Authority);
        if (settings.OtlpGrpc is { } grpc)
        {
            set[DashboardKeys.OtlpGrpcUrl] = grpc.Url;
        }

        if (settings.OtlpHttp is not { } http)
        {
            return;
        }

        set[DashboardKeys.OtlpHttpUrl] = http.Url;
        if (!string.IsNullOrEmpty(corsAllowedOrigins))
        {
            set["DASHBOARD__OTLP__CORS__ALLOWEDORIGINS"] = corsAllowedOrigins;
            set["DASHBOARD__OTLP__CORS__ALLOWEDHEADERS"] = "*";
        }
    }

    private static void AddKeys(Dictionary<string, string> set, DashboardSettings settings)
    {
        AddKey(set, "FRONTEND", "BrowserToken", "BROWSERTOKEN", settings.Secrets.BrowserToken);
        AddKey(set, "OTLP", "ApiKey", "PRIMARYAPIKEY", settings.Secrets.OtlpApiKey);
        AddKey(set, "API", "ApiKey", "PRIMARYAPIKEY", settings.Secrets.ApiKey);
        AddKey(set, "RESOURCESERVICECLIENT", "ApiKey", "APIKEY", settings.Secrets.ResourceServiceApiKey);
        if (settings.AllowAnonymous)
        {
            set[DashboardKeys.AllowAnonymous] = "true";
        }
    }

    private static void AddKey(Dictionary<string, string> set, string section, string mode, string name, string? key)
    {
        set[$"DASHBOARD__{section}__AUTHMODE"] = key is null ? "Unsecured" : mode;
        if (key is not null)
        {
            set[$"DASHBOARD__{section}__{name}"] = key;
        }
    }
}
