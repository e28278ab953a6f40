using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.AppHost.Settings;

/// <summary>
/// Where telemetry goes: to the dashboard; without one, to the collector that <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names; else nowhere, and then none
/// is made. Aspire would have it made and sent to a port where nobody listens.
/// </summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string DashboardEndpoint = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    private const string DashboardHttpEndpoint = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";

    public static void SendWhereSomebodyListens(this IDistributedApplicationBuilder builder) => builder.OnBeforeStart((start, _) =>
    {
        // Aspire adds the dashboard to the model only after this event's subscribers of the AppHost have run.
        if (start.Services.GetRequiredService<DistributedApplicationOptions>().DisableDashboard)
        {
            Send(start.Model, start.Services.GetRequiredService<IConfiguration>());
        }

        return Task.CompletedTask;
    });

    private static void Send(DistributedApplicationModel model, IConfiguration configuration)
    {
        var collector = configuration[Endpoint] is { Length: > 0 } given ? given : null;
        (configuration[DashboardEndpoint], configuration[DashboardHttpEndpoint]) = (collector, null);
        foreach (var resource in collector is null ? model.Resources.Where(resource => resource.Annotations.OfType<OtlpExporterAnnotation>().Any()) : [])
        {
            resource.Annotations.Add(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables.Remove(Endpoint)));
        }
    }
}
