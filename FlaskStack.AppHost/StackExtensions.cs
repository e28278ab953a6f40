using System.Globalization;
using Aspire.Hosting.Supervisor.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.AppHost;

/// <summary>Applies the settings to the resources of the AppHost.</summary>
internal static class StackExtensions
{
    /// <summary>Reads the settings and applies those of the AppHost's own process.</summary>
    /// <exception cref="DistributedApplicationException">A value is not valid; the message names its key and range.</exception>
    public static StackSettings AddStackSettings(this IDistributedApplicationBuilder builder)
    {
        var settings = StackSettings.Read(builder.Configuration);
        if (settings.IsBatch)
        {
            Scheduling.UseBatch();
        }

        builder.DisableTelemetryWithoutReceiver();
        return builder.ExecutionContext.IsRunMode ? settings.WithoutMissingLinker() : settings;
    }

    /// <summary>Sets the executable and the environment of one replica.</summary>
    public static IResourceBuilder<ProjectResource> WithApiSettings(
        this IResourceBuilder<ProjectResource> replica,
        StackSettings settings) => replica
        .WithExecutable(settings)
        .WithEnvironment("Api__MaxBodyBytes", settings.MaxBodyBytes.ToString(CultureInfo.InvariantCulture))
        // nginx decides which requests are sampled, so that a trace is complete or absent.
        .WithEnvironment("OTEL_TRACES_SAMPLER", "parentbased_always_on")
        // Aspire's default in development, every second, uses more CPU time than the requests of a service with little traffic.
        .WithEnvironment("OTEL_METRIC_EXPORT_INTERVAL", "5000");

    /// <summary>
    /// Replaces a replica after <see cref="StackSettings.MaxRequests"/> and up to a tenth more, so that replicas that started together are
    /// not replaced together. The API counts the requests.
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

    /// <summary>Makes nginx accept every body that the API accepts. A slightly larger one is answered by the API itself.</summary>
    public static IResourceBuilder<NginxResource> WithBodyLimit(this IResourceBuilder<NginxResource> nginx, StackSettings settings) =>
        nginx.WithRequestLimits(limits => limits with { MaxBodySize = Math.Max(limits.MaxBodySize, settings.MaxBodyBytes) });

    /// <summary>Serves https with certbot's certificate of a name, where the stack is published to a server.</summary>
    public static IResourceBuilder<NginxResource> WithCertificate(this IResourceBuilder<NginxResource> nginx, string? name) =>
        string.IsNullOrEmpty(name) || nginx.ApplicationBuilder.ExecutionContext.IsRunMode
            ? nginx
            : nginx.WithTls(tls => tls with
            {
                CertificateFile = $"/etc/letsencrypt/live/{name}/fullchain.pem",
                KeyFile = $"/etc/letsencrypt/live/{name}/privkey.pem",
            })
            .WithAcmeChallenge("/var/www/certbot");
}

/// <summary>
/// Sends telemetry to the dashboard or, without one, to the collector in <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>. Without both, no telemetry is
/// made; Aspire alone would have it sent to a port on which no program listens.
/// </summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string DashboardEndpoint = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    private const string DashboardHttpEndpoint = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";

    /// <summary>Sets the endpoints when the application starts.</summary>
    public static void DisableTelemetryWithoutReceiver(this IDistributedApplicationBuilder builder) =>
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
