using System.Security.Cryptography;

namespace Aspire.Hosting.Dashboard.Settings;

/// <summary>The token and keys of a run. Null says that none is asked for. Not a record: a record's text would show them.</summary>
internal sealed class DashboardSecrets
{
    private const int TokenBytes = 16;

    /// <summary>Opens the pages.</summary>
    public string? BrowserToken { get; init; }

    /// <summary>Lets telemetry in.</summary>
    public string? OtlpApiKey { get; init; }

    /// <summary>Opens the dashboard's HTTP API.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Lets the dashboard into the AppHost's resource service.</summary>
    public string? ResourceServiceApiKey { get; init; }

    /// <summary>32 hexadecimal digits, as long as Aspire's.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>The text without any of them.</summary>
    public string Redact(string text) =>
        new[] { BrowserToken, OtlpApiKey, ApiKey, ResourceServiceApiKey }
            .Where(secret => !string.IsNullOrEmpty(secret))
            .Aggregate(text, (redacted, secret) => redacted.Replace(secret!, "***", StringComparison.Ordinal));
}
