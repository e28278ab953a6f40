using System.Globalization;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class InheritedAddressTests
{
    private static readonly string[] Names =
    [
        "URLS", "HTTP_PORTS", "HTTPS_PORTS", "HTTPS_PORT",
        "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "ASPNETCORE_HTTPS_PORT",
        "DOTNET_URLS", "DOTNET_HTTP_PORTS", "DOTNET_HTTPS_PORTS", "Kestrel__Endpoints__Image__Url", "KESTREL__ENDPOINTS__OTHER__URL",
    ];

    [Fact]
    public async Task A_project_listens_at_its_own_port_and_not_where_the_environment_of_the_AppHost_says()
    {
        var elsewhere = FreePort.Pick().ToString(CultureInfo.InvariantCulture);
        foreach (var name in Names)
        {
            var isUrl = name.EndsWith("URL", StringComparison.OrdinalIgnoreCase) || name.EndsWith("URLS", StringComparison.Ordinal);
            Environment.SetEnvironmentVariable(name, isUrl ? $"http://127.0.0.1:{elsewhere}" : elsewhere);
        }

        await using var app = await SupervisedApplication.StartAsync(builder => builder.AddSample("api")
            .WithHttpEndpoint(isProxied: false)
            .WithEnvironment("HTTPS_PORT", "443")
            .WithHttpHealthCheck("/health")
            .WithSupervisor());

        await app.WaitAsync("api", row => row.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy);
        var processId = Convert.ToInt32(
            (await app.RunningAsync("api")).Snapshot.Properties.Single(property => property.Name == "executable.pid").Value,
            CultureInfo.InvariantCulture);
        var environment = await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/environ"));
        Assert.DoesNotContain(environment.Split('\0'), variable => variable.Contains(elsewhere, StringComparison.Ordinal));
        // What the AppHost itself sets for the project is passed on.
        Assert.Contains("HTTPS_PORT=443", environment.Split('\0'));
    }
}
