using FlaskStack.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
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
/// What every service of the stack has: telemetry, health checks, service discovery and resilient HTTP calls, as in any Aspire solution,
/// and a stop that loses no request, room for bursts of connections and messages to systemd.
/// </summary>
public static class Extensions
{
    /// <summary>Activity sources and meters of services, which by convention start with this.</summary>
    private const string OwnInstruments = "FlaskStack.*";

    /// <summary>
    /// How many connections may wait to be accepted: as many as Linux grants (<c>net.core.somaxconn</c>) and as many as nginx lets wait.
    /// Kestrel's default of 512 is soon taken when thousands of clients come at once; on a Unix socket the proxy is then refused at once.
    /// </summary>
    private const int Backlog = 4096;

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
            // A circuit for each destination, so that one that is down does not close the way to others.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods()).SelectPipelineByAuthority();
            http.AddServiceDiscovery();
        });
        builder.AddConnectionDrain();
        builder.AddSystemdNotifier();
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.Backlog = Backlog);
        return builder;
    }

    /// <summary>Sends logs, traces and metrics over OTLP; adds nothing at all when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is not set.</summary>
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
                // Counted up and down with every request, it costs as much as all else that is measured; kestrel.active_connections tells much the same.
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

    /// <summary>Adds the <c>self</c> check, which tells whether the process answers at all.</summary>
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
    /// Maps <c>/health</c> (ready: all checks pass), <c>/alive</c> (the checks tagged <c>live</c> pass) and <c>/alive/requests</c> (how
    /// many requests were served, as plain text).
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The application.</returns>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var methods = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]);
        app.MapHealthChecks(HealthEndpoints.Ready).WithMetadata(methods);
        app.MapHealthChecks(HealthEndpoints.Alive, new HealthCheckOptions { Predicate = check => check.Tags.Contains(HealthEndpoints.LiveTag) })
            .WithMetadata(methods);
        app.MapMethods(HealthEndpoints.Served, [HttpMethods.Get], app.Services.GetRequiredService<ServedRequests>().WriteAsync);
        return app;
    }
}
