using System.Globalization;
using Aspire.Hosting.Supervisor.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.AppHost;

/// <summary>Applies the settings to what the AppHost declares, and says why.</summary>
internal static class StackExtensions
{
    /// <summary>Reads the settings and applies those that concern the AppHost's own process.</summary>
    /// <exception cref="DistributedApplicationException">A value is not valid; the message names its key and what it may be.</exception>
    public static StackSettings AddStackSettings(this IDistributedApplicationBuilder builder)
    {
        var settings = StackSettings.Read(builder.Configuration);
        if (settings.IsBatch)
        {
            Scheduling.UseBatch();
        }

        builder.SendTelemetryOnlyWhereItIsReceived();
        return builder.ExecutionContext.IsRunMode ? settings.WithoutMissingLinker() : settings;
    }

    /// <summary>Sets the executable and the environment of one replica.</summary>
    public static IResourceBuilder<ProjectResource> WithApiSettings(
        this IResourceBuilder<ProjectResource> replica,
        StackSettings settings) => replica
        .WithExecutable(settings)
        .WithEnvironment("Api__MaxBodyBytes", settings.MaxBodyBytes.ToString(CultureInfo.InvariantCulture))
        // nginx decides which requests are traced, so that a trace has both its parts or none.
        .WithEnvironment("OTEL_TRACES_SAMPLER", "parentbased_always_on")
        // Metrics every second, as in development otherwise, take more of the processor than the requests of a calm service.
        .WithEnvironment("OTEL_METRIC_EXPORT_INTERVAL", "5000");

    /// <summary>
    /// Replaces a replica after <see cref="StackSettings.MaxRequests"/>, which the API itself counts, give or take a tenth: replicas that
    /// started together do not end together.
    /// </summary>
    public static SupervisorOptions WithRequestLimit(this SupervisorOptions supervisor, StackSettings settings) => supervisor with
    {
        MaxRequests = settings.MaxRequests,
        MaxRequestsJitter = settings.MaxRequests / 10 ?? 0,
        RequestCountPath = "/alive/requests",
    };

    /// <summary>Lets the configured origins call the API.</summary>
    public static NginxCorsOptions WithAllowedOrigins(this NginxCorsOptions cors, StackSettings settings) =>
        settings.AllowsAnyOrigin ? cors.AllowAnyOrigin() : cors.WithOrigins([.. settings.AllowedOrigins]);

    /// <summary>Lets nginx pass on whatever the API takes; what is a little larger the API itself refuses, with its own answer.</summary>
    public static IResourceBuilder<NginxResource> WithBodyLimit(this IResourceBuilder<NginxResource> nginx, StackSettings settings) =>
        nginx.WithRequestLimits(limits => limits with { MaxBodySize = Math.Max(limits.MaxBodySize, settings.MaxBodyBytes) });
}

/// <summary>
/// Where telemetry goes: to the dashboard; without one, to the collector that <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names; else nowhere, and
/// then none is made. Aspire would have it made and sent to a port where nobody listens.
/// </summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string DashboardEndpoint = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    private const string DashboardHttpEndpoint = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";

    /// <summary>Applies it when the application starts.</summary>
    public static void SendTelemetryOnlyWhereItIsReceived(this IDistributedApplicationBuilder builder) =>
        builder.OnBeforeStart(static (start, _) =>
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
        if (collector is not null)
        {
            return;
        }

        foreach (var resource in model.Resources.Where(resource => resource.Annotations.OfType<OtlpExporterAnnotation>().Any()))
        {
            resource.Annotations.Add(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables.Remove(Endpoint)));
        }
    }
}
