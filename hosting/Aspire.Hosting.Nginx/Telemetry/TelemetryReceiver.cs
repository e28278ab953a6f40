using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>Whether the application has a receiver for telemetry, as Aspire's configuration says it.</summary>
internal static class TelemetryReceiver
{
    private static readonly string[] Keys =
    [
        "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL",
        "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL",
        "DOTNET_DASHBOARD_OTLP_ENDPOINT_URL",
        "DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL",
    ];

    public static bool IsConfigured(IConfiguration configuration) => Keys.Any(key => configuration[key] is { Length: > 0 });
}
