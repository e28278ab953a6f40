using FlaskStack.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// The defaults of every service: telemetry, health checks, service discovery and resilient HTTP calls, as in any Aspire solution; a server
/// that works behind a proxy, a stop that loses no request, and messages to systemd.
/// </summary>
public static class Extensions
{
    /// <summary>The prefix of the services' own activity sources and meters.</summary>
    private const string OwnInstruments = "FlaskStack.*";

    /// <summary>Adds the defaults.</summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The builder of the service.</param>
    /// <returns>The builder.</returns>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // A circuit for each destination, so that a destination that is down does not block the others.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods()).SelectPipelineByAuthority();
            http.AddServiceDiscovery();
        });
        builder.AddServerDefaults();
        builder.AddProxyTrust();
        builder.AddConnectionDrain();
        builder.AddListeningSockets();
        builder.AddSystemdNotifications();
        return builder;
    }

    /// <summary>Sends logs, traces and metrics over OTLP; does nothing if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is not set.</summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The builder of the service.</param>
    /// <returns>The builder.</returns>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return builder;
        }

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .Clear()
                .AddTelemetrySdk()
                .AddService(builder.Environment.ApplicationName)
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(OwnInstruments)
                // It changes with every request, and takes an eighth of the processor time of a short one;
                // kestrel.active_connections shows much the same.
                .AddView("http.server.active_requests", MetricStreamConfiguration.Drop))
            .WithTracing(tracing => tracing
                .AddSource(builder.Environment.ApplicationName, OwnInstruments)
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !HealthEndpoints.Contains(context.Request.Path))
                .AddHttpClientInstrumentation())
            .UseOtlpExporter();
        builder.AddFailedRequestTracing();
        builder.Services.AddHostedService<TelemetryShutdown>();
        return builder;
    }

    /// <summary>Adds the <c>self</c> check, which passes if the process answers at all.</summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The builder of the service.</param>
    /// <returns>The builder.</returns>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddServedRequests();
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [HealthEndpoints.LiveTag]);
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (ready: all checks pass), <c>/alive</c> (the checks tagged <c>live</c> pass) and <c>/alive/requests</c> (the
    /// number of requests served, as plain text).
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The application.</returns>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var methods = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]);
        app.MapHealthChecks(HealthEndpoints.Ready).WithMetadata(methods);
        var live = new HealthCheckOptions { Predicate = check => check.Tags.Contains(HealthEndpoints.LiveTag) };
        app.MapHealthChecks(HealthEndpoints.Alive, live).WithMetadata(methods);
        app.MapMethods(HealthEndpoints.Served, [HttpMethods.Get], app.Services.GetRequiredService<ServedRequests>().WriteAsync);
        return app;
    }
}
