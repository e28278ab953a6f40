using Aspire.Hosting.Dashboard.Settings;

namespace FlaskStack.Tests.Hosting.Dashboard;

internal static class Samples
{
    /// <summary>Settings with every kind of key and address.</summary>
    public static DashboardSettings Settings { get; } = new()
    {
        Frontend = [new DashboardAddress("http", "localhost", 18888, DashboardKeys.FrontendUrls)],
        OtlpGrpc = new DashboardAddress("http", "localhost", 20001, DashboardKeys.OtlpGrpcUrl),
        OtlpHttp = new DashboardAddress("http", "localhost", 20002, DashboardKeys.OtlpHttpUrl),
        Secrets = new DashboardSecrets { BrowserToken = "browser-token", OtlpApiKey = "otlp-key", ApiKey = "api-key", ResourceServiceApiKey = "resource-key" },
        EnvironmentName = "Development",
        PassedOn = new Dictionary<string, string> { ["ASPIRE_DASHBOARD_FORWARDEDHEADERS_ENABLED"] = "true" },
    };
}
