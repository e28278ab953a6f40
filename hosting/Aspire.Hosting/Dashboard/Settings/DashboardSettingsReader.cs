using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard.Settings;

/// <summary>Reads and checks the dashboard's settings, chooses ports and makes up keys where the user gave none.</summary>
internal sealed class DashboardSettingsReader(IConfiguration configuration, DashboardPorts ports)
{
    /// <summary>Where Aspire's standalone dashboard serves its pages.</summary>
    public const int PreferredPort = 18888;

    private const string DefaultEnvironment = "Production";
    private const string ApiKeyMode = "ApiKey";
    private const string UnsecuredMode = "Unsecured";

    /// <summary>Whether there is a dashboard at all.</summary>
    /// <exception cref="DistributedApplicationException">The setting is neither true nor false.</exception>
    public bool IsEnabled => Flag(DashboardKeys.Enabled) ?? true;

    /// <exception cref="DistributedApplicationException">A value is not valid; the message names its key and the mend.</exception>
    public DashboardSettings Read()
    {
        var allowAnonymous = FlagOrLegacy(DashboardKeys.AllowAnonymous) ?? false;
        var (frontend, missedPort) = ReadFrontend();
        var (grpc, http) = ReadOtlp();
        return new DashboardSettings
        {
            Path = ReadPath(),
            CliBundlePath = Text(DashboardKeys.CliBundlePath),
            CliExecutable = Text(DashboardKeys.TerminalHostPath),
            Frontend = frontend,
            MissedPort = missedPort,
            OtlpGrpc = grpc,
            OtlpHttp = http,
            ResourceServiceUrl = ReadResourceServiceUrl(),
            AllowAnonymous = allowAnonymous,
            Secrets = ReadSecrets(allowAnonymous),
            CorsAllowedOrigins = TextOrLegacy(DashboardKeys.CorsAllowedOrigins),
            ShowResource = FlagOrLegacy(DashboardKeys.ShowResource) ?? false,
            EnvironmentName = Text(DashboardKeys.EnvironmentName) ?? DefaultEnvironment,
            PassedOn = ReadPassedOn(),
        };
    }

    private bool RandomizesPorts => Flag(DashboardKeys.RandomizePorts) ?? false;

    private (string Key, string Path)? ReadPath()
    {
        string[] keys = [DashboardKeys.Path, DashboardKeys.AspirePath];
        return keys.FirstOrDefault(key => Text(key) is not null) is { } key ? (key, Text(key)!) : null;
    }

    private (IReadOnlyList<DashboardAddress> Addresses, int? MissedPort) ReadFrontend()
    {
        if (Text(DashboardKeys.FrontendUrls) is { } urls)
        {
            var addresses = urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(url => WithPort(DashboardAddress.Parse(url, DashboardKeys.FrontendUrls)))
                .ToArray();
            return addresses.Length > 0 ? (addresses, null) : throw new DistributedApplicationException(
                $"{DashboardKeys.FrontendUrls} is '{urls}', which holds no address. Set it to one such as http://localhost:{PreferredPort}, or leave it out.");
        }

        var preferred = RandomizesPorts ? null : ports.TryTake(PreferredPort);
        var port = preferred ?? ports.Take();
        return ([DashboardAddress.OnLoopback(port, DashboardKeys.FrontendUrls)], preferred is null && !RandomizesPorts ? PreferredPort : null);
    }

    /// <summary>Both receivers unless the user chose: one that is given alone is the only one, as in Aspire.</summary>
    private (DashboardAddress? Grpc, DashboardAddress? Http) ReadOtlp()
    {
        var grpc = ReadAddress(DashboardKeys.OtlpGrpcUrl);
        var http = ReadAddress(DashboardKeys.OtlpHttpUrl);
        return grpc is null && http is null
            ? (DashboardAddress.OnLoopback(ports.Take(), DashboardKeys.OtlpGrpcUrl), DashboardAddress.OnLoopback(ports.Take(), DashboardKeys.OtlpHttpUrl))
            : (grpc, http);
    }

    private DashboardAddress? ReadAddress(string key) =>
        TextOrLegacy(key) is { } url ? WithPort(DashboardAddress.Parse(url, Text(key) is null ? DashboardKeys.Legacy(key) : key)) : null;

    /// <summary>A port of its own for one that is left open: it has to be the same after a restart.</summary>
    private DashboardAddress WithPort(DashboardAddress address) =>
        address.Port == 0 || (RandomizesPorts && address.IsLoopback) ? address with { Port = ports.Take() } : address;

    private Uri? ReadResourceServiceUrl()
    {
        if (TextOrLegacy(DashboardKeys.ResourceServiceUrl) is not { } text)
        {
            return null;
        }

        var address = DashboardAddress.Parse(text, DashboardKeys.ResourceServiceUrl);
        if (!Uri.TryCreate(address.Url, UriKind.Absolute, out var url))
        {
            throw new DistributedApplicationException(
                $"{DashboardKeys.ResourceServiceUrl} is '{text}', but it must name one host, such as http://127.0.0.1:18890.");
        }

        return RandomizesPorts && address.IsLoopback ? null : url;
    }

    private DashboardSecrets ReadSecrets(bool allowAnonymous)
    {
        if (allowAnonymous)
        {
            return new DashboardSecrets();
        }

        return new DashboardSecrets
        {
            BrowserToken = TextOrLegacy(DashboardKeys.FrontendBrowserToken) ?? Text(DashboardKeys.BrowserToken) ?? DashboardSecrets.NewToken(),
            OtlpApiKey = Text(DashboardKeys.OtlpApiKey) ?? DashboardSecrets.NewToken(),
            ApiKey = Text(DashboardKeys.DashboardApiKey) ?? DashboardSecrets.NewToken(),
            ResourceServiceApiKey = ReadResourceServiceApiKey(),
        };
    }

    private string? ReadResourceServiceApiKey()
    {
        var mode = Text(DashboardKeys.ResourceServiceAuthMode) ?? ApiKeyMode;
        if (string.Equals(mode, UnsecuredMode, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return string.Equals(mode, ApiKeyMode, StringComparison.OrdinalIgnoreCase)
            ? TextOrLegacy(DashboardKeys.ResourceServiceOutsideApiKey) ?? Text(DashboardKeys.ResourceServiceApiKey) ?? DashboardSecrets.NewToken()
            : throw new DistributedApplicationException(
                $"{DashboardKeys.ResourceServiceAuthMode} is '{mode}', but it must be {ApiKeyMode} or {UnsecuredMode}. Leave it out for {ApiKeyMode}.");
    }

    private Dictionary<string, string> ReadPassedOn() =>
        configuration.AsEnumerable()
            .Where(entry => !string.IsNullOrEmpty(entry.Value)
                && entry.Key.StartsWith(DashboardKeys.Prefix, StringComparison.OrdinalIgnoreCase)
                && !string.Equals(entry.Key, DashboardKeys.CorsAllowedOrigins, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(entry => entry.Key.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal), entry => entry.Value!, StringComparer.OrdinalIgnoreCase);

    private string? Text(string key) => configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    private string? TextOrLegacy(string key) => Text(key) ?? Text(DashboardKeys.Legacy(key));

    private bool? FlagOrLegacy(string key) => Flag(key) ?? Flag(DashboardKeys.Legacy(key));

    private bool? Flag(string key) => Text(key)?.ToLowerInvariant() switch
    {
        null => null,
        "true" or "1" => true,
        "false" or "0" => false,
        var text => throw new DistributedApplicationException($"{key} is '{text}', but it must be true or false."),
    };
}
