using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Registers the HTTP client of health checks.</summary>
internal static class HealthProbeClient
{
    public static IServiceCollection AddHealthProbeClient(this IServiceCollection services) =>
        services.AddHttpClient(HttpHealthCheck.ClientName, static client => client.Timeout = HttpHealthCheck.Timeout).RemoveAllLoggers().Services;
}
